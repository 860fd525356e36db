import { tracked } from '@glimmer/tracking';
import type { Activity, ActivityObject, Person } from '../lib/activity.ts';
import { GatewayError, nameOf } from '../lib/activity.ts';
import type { Notify } from '../services/preferences.ts';
import { TrackedMap } from '../lib/tracked-map.ts';
import type { Message } from './message.ts';
import type { Space } from './space.ts';
import { Timeline } from './timeline.ts';

export interface Occupant {
  name: string;
  account: string | undefined;
  role: string;
  isAway: boolean;
}

export type Feature =
  'history' | 'reactions' | 'replies' | 'corrections' | 'deletion' | 'typing' | 'markers' | 'multiline' | 'upload' | 'invitations';

export interface ConversationOptions {
  kind: 'channel' | 'direct';
  /** As requests name it. */
  target: ActivityObject;
  name: string;
  topic?: string;
  isPrivate?: boolean;
  /** The channel's id at control, for a team's own. */
  channelId?: string;
}

/** A channel or a direct talk: what is known of it, and its messages. */
export class Conversation {
  readonly kind: 'channel' | 'direct';
  readonly target: ActivityObject;
  readonly channelId: string | undefined;
  readonly timeline = new Timeline();
  readonly occupants = new TrackedMap<string, Occupant>();
  readonly typing = new TrackedMap<string, number>();
  /** Changes to messages that are not in the window (yet), by the message's id. */
  readonly orphans = new Map<string, Activity[]>();

  @tracked name: string;
  @tracked topic: string;
  @tracked isPrivate: boolean;
  @tracked joined: 'no' | 'joining' | 'yes' | 'failed' = 'no';
  @tracked joinError = '';
  /** For what the person wants to be told, as the appliance keeps it for a team's channel. */
  @tracked level: Notify | undefined;
  @tracked unread = 0;
  @tracked mentionCount = 0;
  @tracked features: ReadonlySet<string> = new Set();
  /** Key of the message before which the line "new" stands. */
  @tracked firstNew: string | undefined;
  /** Time of the last message that was read. */
  @tracked readAt = 0;
  @tracked replyingTo: Message | undefined;
  @tracked editing: Message | undefined;
  /** The person sees its end right now: what comes in is read. */
  isWatched = false;
  /** It is on screen, at whatever place. */
  isOpen = false;
  private readonly waiting = new Set<() => void>();

  constructor(
    readonly space: Space,
    options: ConversationOptions,
  ) {
    this.kind = options.kind;
    this.target = options.target;
    this.name = options.name;
    this.topic = options.topic ?? '';
    this.isPrivate = options.isPrivate ?? false;
    this.channelId = options.channelId;
    if (this.kind === 'direct') this.joined = 'yes';
  }

  get isChannel(): boolean {
    return this.kind === 'channel';
  }

  /** Unique in the client, stable over reloads. */
  get key(): string {
    return `${this.space.id}/${this.slug}`;
  }

  /** As it stands in an address: `general`, `@bob`, `##linux`. */
  get slug(): string {
    return this.kind === 'direct' ? `@${this.name}` : this.name.replace(/^#(?!#)/, '');
  }

  get title(): string {
    return this.kind === 'direct' ? this.space.displayNameOf(this.name) : this.name.replace(/^#(?!#)/, '');
  }

  get models(): [string, string] {
    return [this.space.id, this.slug];
  }

  can(feature: Feature): boolean {
    return this.features.has(feature);
  }

  takeOccupants(people: readonly Person[]): void {
    this.occupants.replace(people.map((person) => [nameOf(person).toLowerCase(), occupantOf(person)] as const));
  }

  join(person: Person): void {
    this.occupants.set(nameOf(person).toLowerCase(), occupantOf(person));
  }

  leave(name: string): Occupant | undefined {
    const key = name.toLowerCase();
    const occupant = this.occupants.get(key);
    this.occupants.delete(key);
    this.typing.delete(name);
    return occupant;
  }

  /** Resolves once the room is joined, rejects when that takes longer than the person should wait. */
  whenJoined(patience: number): Promise<void> {
    if (this.joined === 'yes' && this.space.connection.state !== 'connecting') return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(done);
        reject(new GatewayError('KOSMOS_ERR_NOT_CONNECTED', this.joinError || 'You are not connected.', true));
      }, patience);
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      this.waiting.add(done);
    });
  }

  /** The room is joined: what waited for it goes on. */
  opened(): void {
    this.joined = 'yes';
    this.joinError = '';
    for (const done of this.waiting) done();
    this.waiting.clear();
  }

  /** Names of those who type now, oneself never among them. */
  get typists(): string[] {
    return this.typing.keys();
  }
}

export function occupantOf(person: Person): Occupant {
  const presence = person.presence;
  const isAway = Boolean(person.away) || presence === 'away' || presence === 'xa' || presence === 'dnd';
  return { name: nameOf(person), account: person.account, role: person.role ?? 'member', isAway };
}
