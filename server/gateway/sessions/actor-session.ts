import { isDeepStrictEqual } from 'node:util';
import { within } from '../../foundation/deadline.ts';
import { isKosmosError, KosmosError, messageOf, type ErrorCode } from '../../foundation/errors.ts';
import { isBy, isDirect, type AccountRef } from '../team/team-side.ts';
import type { Activity, ActivityObject, ConnectionState, Platform, PlatformSession, Progress } from '../platforms/platform.ts';
import { Absence } from './absence.ts';
import { KeptMarkers } from './kept-markers.ts';
import { withKeptSecret, type Credentials } from './kept-secrets.ts';
import { OrderedQueue } from './queue.ts';
import { RoomList } from './room-list.ts';
import type { StoredSession } from './store.ts';
import { addressOf, isTeamServer, mintToken, type Surroundings } from './surroundings.ts';
import { TeamLink } from './team-link.ts';

/** A socket, as a session sees it. */
export interface Listener {
  hear(platform: string, activity: Activity): void;
}

export interface SessionOwner {
  readonly account: AccountRef;
  readonly platform: Platform;
  readonly actor: ActivityObject;
}

interface Connection {
  readonly session: PlatformSession;
  /** Aborts when the connection is not wanted any more; what it says after that is not heard. */
  readonly stop: AbortController;
  readonly isTeamServer: boolean;
  state: ConnectionState;
}

/** Verbs whose result the account's other sockets hear: what they did, the server tells only the one who asked. */
const relayed = new Set(['send', 'update', 'delete', 'add', 'remove', 'read']);
const relayedObjects = new Set(['message', 'me', 'notice', 'reaction', 'marker']);
/** Another attempt would end the same way. */
const hopeless: readonly ErrorCode[] = [
  ...(['KOSMOS_ERR_SERVER_LOGIN', 'KOSMOS_ERR_HOST_REFUSED', 'KOSMOS_ERR_ACCOUNT_DISABLED', 'KOSMOS_ERR_NO_CREDENTIALS'] as const),
];
const FIRST_RETRY = 1_000;
const LONGEST_RETRY = 300_000;
/** In whose name the gateway itself asks: it hears nothing. */
const nobody: Listener = { hear: () => undefined };

/** One actor of one account on one platform: its sockets, its requests in order, and its connection to the server. */
export class ActorSession {
  readonly owner: SessionOwner;
  readonly #surroundings: Surroundings;
  readonly #queue: OrderedQueue;
  readonly #listeners = new Set<Listener>();
  readonly #greeted = new WeakSet<Listener>();
  readonly #rooms = new RoomList();
  readonly #absence: Absence;
  readonly #team: TeamLink;
  #markers = new KeptMarkers();
  readonly #onEmpty: () => void;
  #credentials: Credentials | undefined;
  #storedId: string | undefined;
  /** Of the connection before the present one. */
  #progress: Progress = {};
  #connection: Connection | undefined;
  #grace: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #ended = false;
  /** On the team's server without a socket, for direct messages that are to wake the member. */
  #isAlone = false;
  #presence: ActivityObject = { type: 'presence', presence: 'online' };

  constructor(owner: SessionOwner, surroundings: Surroundings, onEmpty: () => void) {
    this.owner = owner;
    this.#surroundings = surroundings;
    this.#queue = new OrderedQueue(surroundings.limits.waitingPerSession);
    this.#absence = new Absence(surroundings.store, surroundings.logger, () => this.#heard());
    const { team, logger } = surroundings;
    this.#team = new TeamLink({ owner, team, logger, ask: (type, target, object) => this.#ask(type, target, object) });
    this.#onEmpty = onEmpty;
  }

  get state(): ConnectionState | 'idle' {
    return this.#connection?.state ?? 'idle';
  }

  get isTeamServer(): boolean {
    return this.#connection?.isTeamServer ?? false;
  }

  attach(listener: Listener): void {
    clearTimeout(this.#grace);
    this.#listeners.add(listener);
    if (!this.#isAlone) return;
    this.#isAlone = false;
    this.#ask('update', undefined, this.#presence);
  }

  /** The last socket of a team server's session starts its grace period; elsewhere the session stays. */
  detach(listener: Listener): void {
    if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return;
    this.#absence.begin();
    if (this.owner.account.isGuest) return void this.end();
    const isKept = this.#connection && this.owner.platform.persistent && !this.#connection.isTeamServer;
    const stays = isKept === true || this.#retry !== undefined;
    if (stays) return;
    const wait = this.#connection ? this.#surroundings.limits.grace : 0;
    this.#grace = setTimeout(() => void this.#graceIsOver(), wait);
  }

  /** Ends the session, unless the member has a browser that is to be woken by direct messages: then it stays, and others see it as away. */
  async #graceIsOver(): Promise<void> {
    const { team } = this.#surroundings;
    const stays = this.isTeamServer && (await team.hasPush(this.owner.account.id).catch(() => false));
    if (this.#listeners.size > 0) return;
    if (!stays) return this.end();
    this.#isAlone = true;
    // What was said in rooms is in the archive.
    await this.#absence.take();
    this.#absence.begin();
    this.#showAway();
  }

  /** On the team's server for somebody whose browser is to be woken, after a restart of the gateway. */
  stayAlone(credentials: Credentials): void {
    if (this.#credentials || this.#listeners.size > 0) return;
    this.#isAlone = true;
    this.#credentials = credentials;
    this.#bringBack(FIRST_RETRY);
  }

  /** Ends a session that stays only to wake a browser if there is none any more. */
  async sweep(): Promise<void> {
    if (this.#isAlone && !(await this.#surroundings.team.hasPush(this.owner.account.id))) await this.end();
  }

  /** The member read a channel elsewhere: the server and the sockets are told. */
  markRead(target: ActivityObject, marker: ActivityObject): void {
    this.#team.markRead(target, marker);
  }

  #showAway(): void {
    this.#ask('update', undefined, { type: 'presence', presence: 'away' });
  }

  #ask(type: string, target: ActivityObject | undefined, object: ActivityObject): void {
    if (this.#connection?.state !== 'connected') return;
    const request = { type, actor: this.owner.actor, object, ...(target === undefined ? {} : { target }) };
    this.perform(request, nobody).catch((error: unknown) => this.#surroundings.logger.debug({ err: error, type }, 'the server refused'));
  }

  /** Other credentials than before end the connection that the old ones made. */
  present(given: Credentials): Promise<void> {
    return this.#queue.run(false, async () => {
      const fresh = withKeptSecret(this.owner.platform, given, this.#credentials);
      if (isDeepStrictEqual(fresh, this.#credentials)) return;
      await this.#drop();
      this.#credentials = fresh;
      this.#progress = {};
    });
  }

  /** Does one request in its turn. Resolves with what to acknowledge; rejects with a coded error, or what a defect threw. */
  perform(activity: Activity, listener: Listener): Promise<Activity> {
    const pipelined = this.owner.platform.pipelined?.includes(activity.type) ?? false;
    return this.#queue.run(pipelined, () => this.#perform(activity, listener));
  }

  /** A session from before a restart: connects, and joins its rooms once it is connected. */
  restore(stored: StoredSession): void {
    this.#credentials = stored.credentials;
    this.#markers = new KeptMarkers(stored.markers);
    this.#progress = stored.progress;
    this.#keepAs(stored.id);
    for (const room of stored.rooms) this.#rooms.expect(room);
    this.#bringBack(FIRST_RETRY);
  }

  /** A platform tries again by itself once it was connected; a first attempt that fails ends it. */
  #bringBack(pause: number): void {
    this.#retry = undefined;
    this.perform({ type: 'connect', actor: this.owner.actor }, nobody).catch((error: unknown) => {
      this.#surroundings.logger.info({ err: error, account: this.owner.account.name }, 'a session is not back yet');
      if (this.#ended || this.#connection || hopeless.some((code) => isKosmosError(error, code))) return;
      this.#retry = setTimeout(() => this.#bringBack(Math.min(pause * 2, LONGEST_RETRY)), pause * (0.5 + Math.random() / 2)).unref();
    });
  }

  /** Leaves the server. `forget` removes what would bring it back. */
  async end(forget = false): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#grace);
    clearTimeout(this.#retry);
    if (forget && this.#storedId !== undefined) await this.#surroundings.store.remove(this.#storedId);
    await this.#drop();
    if (!forget) await this.#absence.write();
    this.#onEmpty();
  }

  async #perform(activity: Activity, listener: Listener): Promise<Activity> {
    if (this.#ended) throw new KosmosError('KOSMOS_ERR_NO_CREDENTIALS', { actor: this.owner.actor.id ?? '' });
    if (activity.type === 'disconnect') {
      await this.end(true);
      return activity;
    }
    const connection = this.#connectionFor(activity);
    const stood = connection.state === 'connected';
    const handled = await this.#inTime(this.#handle(connection.session, activity)).finally(() => this.#dropIfFailed());
    if (activity.type === 'connect') await this.#connected(listener, stood);
    const result = handled && this.#dressed(handled);
    if (this.#rooms.note(activity, result)) await this.#saveRooms();
    if (activity.type === 'join' && handled && this.isTeamServer) this.#team.entered(handled);
    this.#relay(activity, result, listener);
    this.#absence.heard(activity);
    if (listener !== nobody) this.#noteDone(activity, result ?? activity);
    return result ?? activity;
  }

  #noteDone(request: Activity, { target, object }: Activity): void {
    if (request.type === 'update' && request.object?.type === 'presence') this.#presence = request.object;
    if (request.type === 'read' && target && object && this.isTeamServer) this.#team.hasRead(target, object);
  }

  /** Where the server keeps no markers, the gateway does for a session that it keeps. */
  async #handle(session: PlatformSession, activity: Activity): Promise<Activity | undefined> {
    try {
      return await session.handle(activity);
    } catch (error) {
      const id = this.#storedId;
      if (activity.type !== 'read' || id === undefined || !isKosmosError(error, 'KOSMOS_ERR_NOT_SUPPORTED')) throw error;
      const moved = this.#markers.move(activity);
      await this.#surroundings.store.saveMarkers(id, this.#markers.all());
      return moved;
    }
  }

  #dressed(activity: Activity): Activity {
    return this.#storedId === undefined ? activity : this.#markers.dress(activity);
  }

  #heard(): Progress {
    return this.#connection?.session.progress() ?? this.#progress;
  }

  #keepAs(id: string): void {
    this.#storedId = id;
    this.#absence.keepFor(id);
  }

  #connectionFor(activity: Activity): Connection {
    if (this.#connection) return this.#connection;
    const { platform, actor, account } = this.owner;
    if (platform.persistent && !this.#credentials) throw new KosmosError('KOSMOS_ERR_NO_CREDENTIALS', { actor: actor.id ?? '' });
    const credentials = this.#credentials ?? {};
    const { host } = platform.persistent ? platform.serverOf(credentials) : { host: '' };
    if (platform.persistent && activity.type !== 'connect') throw new KosmosError('KOSMOS_ERR_NOT_CONNECTED', { server: host });
    const isTeams = isTeamServer(this.#surroundings, platform.id, host);
    if (isTeams && account.isGuest) throw new KosmosError('KOSMOS_ERR_HOST_REFUSED', { host, reason: 'it is for members only' });
    return (this.#connection = this.#open(credentials, isTeams));
  }

  #open(credentials: Credentials, own: boolean): Connection {
    const { account, actor, platform } = this.owner;
    const surroundings = this.#surroundings;
    const stop = new AbortController();
    const session = platform.open({
      ...{ account: account.name, actor, credentials, isTeamServer: own, closing: stop.signal, progress: this.#progress },
      logger: surroundings.logger.child({ platform: platform.id, account: account.name }),
      mintToken: () => mintToken(surroundings, platform.id, account.name),
      resolve: (host, port) => addressOf(surroundings, platform.id, host, port, account.isGuest === true),
      push: (activity) => this.#tell(activity, stop),
      report: (state, reason) => this.#report(state, reason, stop),
    });
    return { session, stop, state: 'connecting', isTeamServer: own };
  }

  async #connected(listener: Listener, stood: boolean): Promise<void> {
    if (!stood) await this.#store();
    if (listener === nobody || this.#greeted.has(listener)) return;
    this.#greeted.add(listener);
    const missed = await this.#absence.take();
    const rooms = stood ? (this.#connection?.session.snapshot() ?? []) : [];
    for (const activity of [...rooms, ...missed]) listener.hear(this.owner.platform.id, this.#dressed(activity));
  }

  async #store(): Promise<void> {
    const { account, platform, actor } = this.owner;
    if (!this.#connection || this.#connection.isTeamServer || !platform.persistent || account.isGuest) return;
    const credentials = this.#credentials ?? {};
    this.#keepAs(await this.#surroundings.store.save({ account, platform: platform.id, actor, credentials }));
  }

  #report(state: ConnectionState, reason: string | undefined, stop: AbortController): void {
    if (stop.signal.aborted) return;
    // Before `open` returned there is nothing to note yet: it begins as connecting.
    if (this.#connection) this.#connection.state = state;
    const { actor, platform } = this.owner;
    const { host } = platform.persistent ? platform.serverOf(this.#credentials ?? {}) : { host: '' };
    const object = { type: 'connection', state, ...(reason === undefined ? {} : { content: reason }) };
    this.#tell({ type: 'update', actor, target: { type: 'service', id: host, name: host }, object }, stop);
    if (state !== 'connected') return;
    this.#joinExpected();
    if (this.#isAlone) this.#showAway();
  }

  /** After a restart: the rooms that the session was in. */
  #joinExpected(): void {
    for (const target of this.#rooms.takeExpected()) {
      const request = { type: 'join', actor: this.owner.actor, target };
      this.perform(request, nobody).catch((error: unknown) =>
        this.#surroundings.logger.info({ err: error, room: target.name }, 'a room could not be joined again'),
      );
    }
  }

  #tell(activity: Activity, stop: AbortController): void {
    if (stop.signal.aborted) return;
    if (this.isTeamServer) this.#team.heard(activity);
    this.#absence.heard(activity);
    if (this.#listeners.size === 0 && this.#isMissed(activity)) this.#absence.note(activity);
    const dressed = this.#listeners.size === 0 ? activity : this.#dressed(activity);
    for (const listener of this.#listeners) listener.hear(this.owner.platform.id, dressed);
  }

  /** What others have read is nobody's concern later; what the account itself has read makes less of what it missed. */
  #isMissed(activity: Activity): boolean {
    const { account, actor } = this.owner;
    if (activity.type === 'read') return isBy(account, actor.id ?? '', activity);
    return !this.#isAlone || isDirect(activity);
  }

  #relay(request: Activity, result: Activity | undefined, asker: Listener): void {
    if (!result || !relayed.has(request.type) || !relayedObjects.has(request.object?.type ?? '')) return;
    for (const listener of this.#listeners) if (listener !== asker) listener.hear(this.owner.platform.id, result);
  }

  async #saveRooms(): Promise<void> {
    if (this.#storedId !== undefined) await this.#surroundings.store.saveRooms(this.#storedId, this.#rooms.list());
  }

  #inTime<T>(work: Promise<T>): Promise<T> {
    return within(this.#surroundings.limits.requestTime, work, () => {
      throw new KosmosError('KOSMOS_ERR_SERVER_TIMEOUT', { server: this.owner.actor.id ?? '' });
    });
  }

  async #dropIfFailed(): Promise<void> {
    if (this.#connection?.state === 'failed') await this.#drop();
  }

  async #drop(): Promise<void> {
    const connection = this.#connection;
    this.#progress = this.#heard();
    this.#connection = undefined;
    connection?.stop.abort();
    await connection?.session
      .close()
      .catch((error: unknown) => this.#surroundings.logger.debug({ reason: messageOf(error) }, 'a session did not close politely'));
  }
}
