import Service, { service } from '@ember/service';
import { tracked } from '@glimmer/tracking';
import { takeRoomState } from '../incoming/rooms.ts';
import type { Activity, ActivityObject } from '../lib/activity.ts';
import { nameOf, platformOf } from '../lib/activity.ts';
import { api, type Member, path, type Team, type TeamChannel } from '../lib/api.ts';
import { messageOf, settled } from '../lib/forms.ts';
import { ofNetwork, ofTeam } from '../lib/space-options.ts';
import { Connection } from '../models/connection.ts';
import type { Conversation } from '../models/conversation.ts';
import { Space } from '../models/space.ts';
import type AttentionService from './attention.ts';
import type GatewayService from './gateway.ts';
import type IncomingService from './incoming.ts';
import type MessagesService from './messages.ts';
import type PreferencesService from './preferences.ts';
import type { Network } from './preferences.ts';
import type SessionService from './session.ts';
import type StorageService from './storage.ts';
import type TimelinesService from './timelines.ts';
import type UiService from './ui.ts';
import type IntlService from 'ember-intl/services/intl';

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
  @service declare messages: MessagesService;
  @service declare ui: UiService;
  @service declare intl: IntlService;

  @tracked list: readonly Space[] = [];
  private readonly connections = new Map<string, Connection>();
  private isStarted = false;

  /** Opens everything; the lists fill while it goes on. */
  start(): void {
    if (this.isStarted) return;
    this.isStarted = true;
    this.storage.restore();
    this.gateway.onActivity(this.dispatch);
    this.gateway.onComeback(this.comeBack);
    this.list = [
      ...this.session.teams.map((team) => this.spaceOf(ofTeam(team, this.session.name, this.session.appliance))),
      ...this.preferences.get('networks').map((network) => this.spaceOf(ofNetwork(network))),
    ];
    this.gateway.connect();
    for (const space of this.list) void this.open(space);
    void this.gateway.whenOnline().then(() => this.attention.start());
  }

  stop(): void {
    this.attention.stop();
    this.gateway.disconnect();
    this.connections.clear();
    this.list = [];
    this.isStarted = false;
  }

  find(id: string): Space | undefined {
    return this.list.find((space) => space.id === id);
  }

  get isAway(): boolean {
    return this.list.some(({ connection }) => connection.isAway);
  }

  /** Away everywhere, or here again. */
  async setAway(content: string): Promise<void> {
    const connected = [...this.connections.values()].filter(({ state }) => state === 'connected');
    await Promise.all(connected.map((connection) => connection.setAway(content)));
  }

  addTeam(team: Team): Space {
    const space = this.find(team.slug) ?? this.spaceOf(ofTeam(team, this.session.name, this.session.appliance));
    if (!this.list.includes(space)) {
      this.list = [...this.list, space];
      void this.open(space);
    }
    return space;
  }

  /** A public network, with the password that goes to the gateway's safe and nowhere else. */
  async addNetwork(network: Network, password: string): Promise<Space> {
    const space = this.spaceOf(ofNetwork(network, password));
    await this.gateway.whenOnline();
    await space.connection.open();
    if (space.isFederated) void this.loadContacts(space);
    this.preferences.change('networks', [...this.preferences.get('networks').filter(({ id }) => id !== network.id), network]);
    this.list = [...this.list.filter(({ id }) => id !== space.id), space];
    space.isLoaded = true;
    return space;
  }

  /** Networks that came from the person's storage. */
  adoptNetworks(): void {
    for (const network of this.preferences.get('networks')) {
      if (this.find(network.id)) continue;
      const space = this.spaceOf(ofNetwork(network));
      this.list = [...this.list, space];
      void this.open(space);
    }
  }

  /** The same network with another password: the connection is made anew. */
  async logInTo(space: Space, password: string): Promise<void> {
    if (!space.network) return;
    await space.connection.request('disconnect', space.connection.service).catch(() => undefined);
    const again = await this.addNetwork({ ...space.network, usesPassword: true }, password);
    await this.open(again);
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
      const loaded = this.load(space);
      // It is awaited below, after the connection.
      loaded.catch(() => undefined);
      await this.gateway.whenOnline();
      await Promise.all([loaded, space.connection.open()]);
      if (space.isTeam) this.attention.refreshSoon();
      else if (space.isFederated) void this.loadContacts(space);
      await this.joinAll(space);
    } catch (error) {
      space.loadError = messageOf(error);
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
      conversation.joinError = messageOf(error);
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

  /** Somebody invites this person: a team's channel is shown at once, a network's room when the person wants it. */
  async invited(spaces: readonly Space[], target: ActivityObject, by: string): Promise<void> {
    const space = spaces.find(({ isTeam }) => isTeam) ?? spaces[0];
    if (!space) return;
    if (space.isTeam) await this.adoptChannels(space).catch(() => undefined);
    const run = () => {
      const room = (space.connection.platform === 'irc' ? nameOf(target) : target.id) ?? '';
      const entered = space.find(target) ?? this.enter(space, room);
      Promise.resolve(entered).then(
        (conversation) => this.attention.open(conversation),
        (error: unknown) => this.ui.fail(error),
      );
    };
    const channel = space.find(target)?.title ?? nameOf(target).replace(/^#(?!#)/, '');
    this.ui.say(this.intl.t('invited.text', { name: by, channel }), 'info', { label: this.intl.t('invited.join'), run });
  }

  /** Channels of the team that were opened to this person since. */
  async adoptChannels(space: Space): Promise<void> {
    await this.reloadCatalogue(space);
    for (const channel of space.catalogue) {
      const target = space.roomTarget(channel.address);
      if (!channel.open || space.find(target)) continue;
      const conversation = space.addChannel(channel);
      if (this.preferences.get('left').includes(conversation.key)) space.remove(conversation);
      else await this.join(conversation).catch(() => undefined);
    }
  }

  /**
   * Lets somebody in. A private channel of a team opens to its new member at control; where the member's server then takes no
   * invitation from this person, a direct message is one.
   */
  async invite(conversation: Conversation, name: string): Promise<void> {
    const { space, isPrivate, channelId, target, title } = conversation;
    if (space.isTeam && isPrivate && channelId) await api('PUT', path('teams', space.id, 'channels', channelId, 'members', name));
    try {
      await space.connection.request('invite', target, { type: 'person', name, id: space.personId(name) });
    } catch (error) {
      if (!space.isTeam || !space.members.has(name.toLowerCase())) throw error;
      this.messages.send(this.openDirect(space, name), { content: this.intl.t('invited.direct', { channel: title }) });
    }
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

  /** One function for the service's life: the gateway knows it again after a log-out and log-in. */
  private readonly dispatch = (activity: Activity): void => {
    const platform = platformOf(activity);
    const connections = [...this.connections.values()].filter((one) => one.platform === platform);
    const connection = connections.find((one) => one.isOf(activity)) ?? (connections.length === 1 ? connections[0] : undefined);
    if (!connection) return;
    this.incoming.receive(
      activity,
      connection,
      this.list.filter((space) => space.connection === connection),
    );
  };

  private readonly comeBack = (): void => {
    this.attention.refreshSoon();
    for (const space of this.list) {
      if (space.connection.state !== 'connected') void this.open(space);
      else for (const conversation of space.all) if (conversation.joined === 'yes') void this.timelines.catchUp(conversation);
    }
  };

  /** Without a connection what was kept is shown, until there is one. */
  private async load(space: Space): Promise<void> {
    const fetch = () => (space.team ? this.loadTeam(space) : this.loadNetwork(space));
    if (!this.session.isFromMemory) return fetch();
    const { restore } = await import('../lib/offline-store.ts');
    await restore(space).catch(() => undefined);
    for (const conversation of space.all) this.messages.restoreUnsent(conversation);
    space.isLoaded = true;
    await this.gateway.whenOnline();
    await this.session.confirm();
    await fetch();
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
    for (const conversation of space.directs) {
      conversation.opened();
      void this.timelines.catchUp(conversation);
    }
  }

  private async loadContacts(space: Space): Promise<void> {
    const { loadContacts } = await import('../lib/contacts.ts');
    await loadContacts(space).catch((error: unknown) => this.ui.fail(error));
  }

  private rememberRooms(space: Space): void {
    const rooms = space.channels.map(({ target }) => (space.connection.platform === 'irc' ? target.name : target.id) ?? '');
    const networks = this.preferences.get('networks').map((network) => (network.id === space.id ? { ...network, rooms } : network));
    this.preferences.change('networks', networks);
  }

  private forgetPlace(conversation: Conversation): void {
    if (this.preferences.get('lastPlace') === conversation.key) this.preferences.change('lastPlace', '');
  }

  private spaceOf({ connection, space }: ReturnType<typeof ofTeam>): Space {
    return new Space({ ...space, connection: this.connectionFor(connection) });
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
