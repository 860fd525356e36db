import { tracked } from '@glimmer/tracking';
import { type ActivityObject, bare, localPart, nameOf } from '../lib/activity.ts';
import type { Member, Role, Team, TeamChannel } from '../lib/api.ts';
import { TrackedMap } from '../lib/tracked-map.ts';
import type { Network } from '../services/preferences.ts';
import type { Connection } from './connection.ts';
import { Conversation } from './conversation.ts';

export type Presence = 'online' | 'away' | 'offline';

export interface SpaceOptions {
  id: string;
  name: string;
  connection: Connection;
  roomsDomain: string;
  team?: Team;
  network?: Network;
}

/** What the rail lists: a team, or a network that the person added. */
export class Space {
  readonly id: string;
  readonly connection: Connection;
  readonly team: Team | undefined;
  readonly network: Network | undefined;
  readonly roomsDomain: string;
  readonly members = new TrackedMap<string, Member>();
  /** Contacts of an XMPP account, by address. */
  readonly contacts = new TrackedMap<string, { name: string; presence: string }>();
  private readonly conversations = new TrackedMap<string, Conversation>();
  @tracked name: string;
  /** All channels of the team that this person may see, joined or not. */
  @tracked catalogue: readonly TeamChannel[] = [];
  @tracked isLoaded = false;
  @tracked loadError = '';

  constructor(options: SpaceOptions) {
    this.id = options.id;
    this.name = options.name;
    this.connection = options.connection;
    this.roomsDomain = options.roomsDomain;
    this.team = options.team;
    this.network = options.network;
  }

  get isTeam(): boolean {
    return this.team !== undefined;
  }

  get role(): Role | null {
    return this.team?.role ?? null;
  }

  /** People are known by their whole address: they may be at any server. */
  get isFederated(): boolean {
    return this.network?.platform === 'xmpp';
  }

  get mayManage(): boolean {
    return this.role === 'owner' || this.role === 'admin';
  }

  get mayCreate(): boolean {
    return this.role !== 'guest';
  }

  get all(): Conversation[] {
    return this.conversations.values();
  }

  get channels(): Conversation[] {
    return this.all.filter((conversation) => conversation.kind === 'channel').sort(byName);
  }

  get directs(): Conversation[] {
    return this.all.filter((conversation) => conversation.kind === 'direct').sort(byName);
  }

  get unread(): number {
    return this.all.reduce((sum, conversation) => sum + conversation.unread, 0);
  }

  get mentionCount(): number {
    return this.all.reduce((sum, conversation) => sum + conversation.mentionCount, 0);
  }

  find(target: ActivityObject | undefined): Conversation | undefined {
    if (!target) return undefined;
    return this.conversations.get(this.keyOf(target));
  }

  findBySlug(slug: string): Conversation | undefined {
    const wanted = slug.toLowerCase();
    return this.all.find((conversation) => conversation.slug.toLowerCase() === wanted);
  }

  /** The team's channel with the appliance's name for it. */
  addChannel(channel: TeamChannel): Conversation {
    const target = this.roomTarget(channel.address);
    return this.add(target, {
      kind: 'channel',
      target,
      name: channel.name,
      topic: channel.topic ?? '',
      isPrivate: channel.private,
      channelId: channel.id,
    });
  }

  addRoom(target: ActivityObject): Conversation {
    return this.add(target, { kind: 'channel', target, name: target.name ?? target.id ?? '' });
  }

  addDirect(name: string, id?: string): Conversation {
    const target = { type: 'person', id: id ?? this.personId(name), name };
    return this.add(target, { kind: 'direct', target, name });
  }

  remove(conversation: Conversation): void {
    this.conversations.delete(this.keyOf(conversation.target));
  }

  roomTarget(address: string): ActivityObject {
    if (this.connection.platform === 'irc') {
      const name = /^[#&+!]/.test(address) ? address : `#${address}`;
      return { type: 'room', id: `${name}@${this.connection.host}`, name };
    }
    const id = address.includes('@') ? address : `${address}@${this.roomsDomain}`;
    return { type: 'room', id, name: id.slice(0, id.indexOf('@')) };
  }

  personId(name: string): string {
    return name.includes('@') ? name : `${name}@${this.connection.host}`;
  }

  displayNameOf(name: string): string {
    const key = name.toLowerCase();
    return this.members.get(key)?.displayName ?? this.contacts.get(key)?.name ?? name;
  }

  /** As far as the channels that both are in tell. */
  presenceOf(name: string): Presence {
    const key = name.toLowerCase();
    const contact = this.contacts.get(key)?.presence;
    if (contact) return contact === 'online' || contact === 'chat' ? 'online' : contact === 'offline' ? 'offline' : 'away';
    let presence: Presence = 'offline';
    for (const conversation of this.all) {
      const occupant = conversation.occupants.get(key);
      if (occupant && !occupant.isAway) return 'online';
      if (occupant) presence = 'away';
    }
    return presence;
  }

  private add(target: ActivityObject, options: ConstructorParameters<typeof Conversation>[1]): Conversation {
    const key = this.keyOf(target);
    const present = this.conversations.get(key);
    if (present) return present;
    const conversation = new Conversation(this, options);
    this.conversations.set(key, conversation);
    return conversation;
  }

  /** IRC rooms are known by name, whatever their id; XMPP addresses without the resource. */
  private keyOf(target: ActivityObject): string {
    const isIrc = this.connection.platform === 'irc';
    const id = target.id ?? this.personId(nameOf(target));
    if (target.type === 'room') return (isIrc ? (target.name ?? localPart(id)) : id).toLowerCase();
    return `@${isIrc ? nameOf(target) : bare(id)}`.toLowerCase();
  }
}

function byName(one: Conversation, other: Conversation): number {
  return one.title.localeCompare(other.title);
}
