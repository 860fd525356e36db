import Service, { service } from '@ember/service';
import { tracked } from '@glimmer/tracking';
import { takeRoomState } from '../incoming/rooms.ts';
import type { Activity, ActivityObject } from '../lib/activity.ts';
import { platformOf } from '../lib/activity.ts';
import { api, type Member, path, type Team, type TeamChannel } from '../lib/api.ts';
import { settled } from '../lib/forms.ts';
import { Connection } from '../models/connection.ts';
import type { Conversation } from '../models/conversation.ts';
import { Space } from '../models/space.ts';
import type AttentionService from './attention.ts';
import type GatewayService from './gateway.ts';
import type IncomingService from './incoming.ts';
import type PreferencesService from './preferences.ts';
import type { Network } from './preferences.ts';
import type SessionService from './session.ts';
import type StorageService from './storage.ts';
import type TimelinesService from './timelines.ts';

/** Joins that run at the same time. */
const joinsAtOnce = 4;

/** The spaces of the rail: which there are, their connections, their conversations. */
export default class SpacesService extends Service {
  @service declare session: SessionService;
  @service declare gateway: GatewayService;
  @service declare incoming: IncomingService;
  @service declare attention: AttentionService;
  @service declare preferences: PreferencesService;
  @service declare timelines: TimelinesService;
  @service declare storage: StorageService;

  @tracked list: readonly Space[] = [];
  private readonly connections = new Map<string, Connection>();
  private isStarted = false;

  /** Opens everything; the lists fill while it goes on. */
  start(): void {
    if (this.isStarted) return;
    this.isStarted = true;
    this.storage.restore();
    this.gateway.onActivity((activity) => this.dispatch(activity));
    this.gateway.onComeback(() => void this.comeBack());
    this.list = [
      ...this.session.teams.map((team) => this.teamSpace(team)),
      ...this.preferences.get('networks').map((network) => this.networkSpace(network)),
    ];
    this.gateway.connect();
    for (const space of this.list) void this.open(space);
  }

  stop(): void {
    this.gateway.disconnect();
    this.connections.clear();
    this.list = [];
    this.isStarted = false;
  }

  find(id: string): Space | undefined {
    return this.list.find((space) => space.id === id);
  }

  addTeam(team: Team): Space {
    const space = this.find(team.slug) ?? this.teamSpace(team);
    if (!this.list.includes(space)) {
      this.list = [...this.list, space];
      void this.open(space);
    }
    return space;
  }

  /** A public network, with the password that goes to the gateway's safe and nowhere else. */
  async addNetwork(network: Network, password: string): Promise<Space> {
    const space = this.networkSpace(network, password);
    await this.gateway.whenOnline();
    await space.connection.open();
    this.preferences.change('networks', [...this.preferences.get('networks').filter(({ id }) => id !== network.id), network]);
    this.list = [...this.list.filter(({ id }) => id !== space.id), space];
    space.isLoaded = true;
    return space;
  }

  async removeNetwork(space: Space): Promise<void> {
    this.preferences.change(
      'networks',
      this.preferences.get('networks').filter(({ id }) => id !== space.id),
    );
    this.list = this.list.filter((other) => other !== space);
    await space.connection.request('disconnect', space.connection.service).catch(() => undefined);
  }

  /** Again from the start, after a failure. */
  async open(space: Space): Promise<void> {
    space.loadError = '';
    try {
      const loaded = space.team ? this.loadTeam(space) : this.loadNetwork(space);
      await this.gateway.whenOnline();
      await Promise.all([loaded, space.connection.open()]);
      await this.joinAll(space);
    } catch (error) {
      space.loadError = error instanceof Error ? error.message : String(error);
    }
  }

  async join(conversation: Conversation, key?: string): Promise<void> {
    if (conversation.joined === 'joining') return;
    conversation.joined = 'joining';
    try {
      const target = key ? { ...conversation.target, key } : conversation.target;
      const answer = await conversation.space.connection.request('join', target);
      takeRoomState(conversation, answer);
      conversation.opened();
      conversation.readAt = Math.max(conversation.readAt, this.preferences.get('markers')[conversation.key] ?? 0);
      this.preferences.toggle('left', conversation.key, false);
      void this.timelines.catchUp(conversation);
    } catch (error) {
      conversation.joined = 'failed';
      conversation.joinError = error instanceof Error ? error.message : String(error);
      throw error;
    }
  }

  async leave(conversation: Conversation): Promise<void> {
    if (conversation.isChannel && conversation.joined === 'yes') {
      await conversation.space.connection.request('leave', conversation.target);
    }
    conversation.joined = 'no';
    this.preferences.toggle('left', conversation.key, true);
    this.forgetPlace(conversation);
    conversation.space.remove(conversation);
  }

  /** Joins a team's channel that is in the catalogue, or a network's room by its name. */
  async enter(space: Space, channel: TeamChannel | string, key?: string): Promise<Conversation> {
    const conversation = typeof channel === 'string' ? space.addRoom(space.roomTarget(channel)) : space.addChannel(channel);
    if (conversation.joined !== 'yes') await this.join(conversation, key);
    if (space.network) this.rememberRooms(space);
    return conversation;
  }

  openDirect(space: Space, name: string): Conversation {
    const conversation = space.addDirect(name);
    this.preferences.toggle('left', conversation.key, false);
    this.attention.rememberDirect(space, conversation.name);
    return conversation;
  }

  async createChannel(space: Space, fields: { name: string; topic: string; private: boolean }): Promise<Conversation> {
    const channel = await api<TeamChannel>('POST', path('teams', space.id, 'channels'), fields);
    space.catalogue = [...space.catalogue, channel];
    return this.enter(space, channel);
  }

  async reloadCatalogue(space: Space): Promise<void> {
    const { channels } = await api<{ channels: TeamChannel[] }>('GET', path('teams', space.id, 'channels'));
    space.catalogue = channels;
  }

  async reloadMembers(space: Space): Promise<void> {
    const { members } = await api<{ members: Member[] }>('GET', path('teams', space.id, 'members'));
    space.members.replace(members.filter(({ disabled }) => !disabled).map((member) => [member.name.toLowerCase(), member] as const));
  }

  /** Somebody with an account that was not a member when the list was loaded: the team has grown. */
  noteStranger(space: Space, { account }: ActivityObject): void {
    if (space.isTeam && typeof account === 'string' && !space.members.has(account.toLowerCase())) this.growSoon(space);
  }

  private readonly growSoon = settled(1_000, (space: Space) => void this.reloadMembers(space).catch(() => undefined));

  private dispatch(activity: Activity): void {
    const platform = platformOf(activity);
    const connections = [...this.connections.values()].filter((one) => one.platform === platform);
    const connection = connections.find((one) => one.isOf(activity)) ?? (connections.length === 1 ? connections[0] : undefined);
    if (!connection) return;
    this.incoming.receive(
      activity,
      connection,
      this.list.filter((space) => space.connection === connection),
    );
  }

  private async comeBack(): Promise<void> {
    for (const space of this.list) {
      if (space.connection.state !== 'connected') void this.open(space);
      else for (const conversation of space.all) if (conversation.joined === 'yes') void this.timelines.catchUp(conversation);
    }
  }

  private async loadTeam(space: Space): Promise<void> {
    await Promise.all([this.reloadCatalogue(space), this.reloadMembers(space)]);
    for (const channel of space.catalogue) {
      const conversation = channel.open ? space.addChannel(channel) : undefined;
      if (conversation && this.preferences.get('left').includes(conversation.key)) space.remove(conversation);
    }
    this.restoreDirects(space);
    space.isLoaded = true;
  }

  private async loadNetwork(space: Space): Promise<void> {
    for (const room of space.network?.rooms ?? []) space.addRoom(space.roomTarget(room));
    this.restoreDirects(space);
    space.isLoaded = true;
  }

  private restoreDirects(space: Space): void {
    for (const name of this.preferences.get('directs')[space.id] ?? []) {
      const conversation = space.addDirect(name);
      if (this.preferences.get('left').includes(conversation.key)) space.remove(conversation);
    }
  }

  private async joinAll(space: Space): Promise<void> {
    // Those that the session is in already too: Sockethub's client says again after a break what was said to it.
    const waiting = [...space.channels];
    const worker = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) await this.join(next).catch(() => undefined);
    };
    await Promise.all(Array.from({ length: joinsAtOnce }, worker));
    for (const conversation of space.directs) void this.timelines.catchUp(conversation);
  }

  private rememberRooms(space: Space): void {
    const rooms = space.channels.map(({ target }) => (space.connection.platform === 'irc' ? target.name : target.id) ?? '');
    const networks = this.preferences.get('networks').map((network) => (network.id === space.id ? { ...network, rooms } : network));
    this.preferences.change('networks', networks);
  }

  private forgetPlace(conversation: Conversation): void {
    if (this.preferences.get('lastPlace') === conversation.key) this.preferences.change('lastPlace', '');
  }

  private teamSpace(team: Team): Space {
    const { appliance, name } = this.session;
    const domain = appliance?.domain ?? 'localhost';
    const isIrc = team.home === 'irc';
    const credentials = isIrc ? { nick: name, server: domain } : { userAddress: `${name}@${domain}`, resource: 'web' };
    const connection = this.connectionFor({
      platform: team.home,
      actorId: `${name}@${domain}`,
      host: domain,
      nick: name,
      account: name,
      credentials: { type: 'credentials', ...credentials },
    });
    return new Space({ id: team.slug, name: team.name, team, connection, roomsDomain: appliance?.roomsDomain ?? domain });
  }

  private networkSpace(network: Network, password = ''): Space {
    const { platform, server, port, secure, user } = network;
    const secret = password ? { password } : {};
    const isIrc = platform === 'irc';
    const place = { ...(port ? { port } : {}), ...(secure === undefined ? {} : { secure }) };
    const credentials = isIrc ? { nick: user, server, ...place, ...secret } : { userAddress: user, resource: 'web', ...secret };
    const host = isIrc ? server : user.slice(user.indexOf('@') + 1);
    const connection = this.connectionFor({
      platform,
      actorId: isIrc ? `${user}@${server}` : user,
      host,
      nick: isIrc ? user : user.slice(0, user.indexOf('@')),
      credentials: { type: 'credentials', ...credentials },
    });
    return new Space({ id: network.id, name: network.name, network, connection, roomsDomain: `conference.${host}` });
  }

  private connectionFor(options: ConstructorParameters<typeof Connection>[1]): Connection {
    const key = `${options.platform} ${options.actorId}`;
    const present = this.connections.get(key);
    if (present) {
      present.renew(options.credentials);
      return present;
    }
    const connection = new Connection(this.gateway, options);
    this.connections.set(key, connection);
    return connection;
  }
}

declare module '@ember/service' {
  interface Registry {
    spaces: SpacesService;
  }
}
