import { KosmosError } from '../../../foundation/errors.ts';
import type { Activity, PlatformSession, Progress, SessionContext } from '../platform.ts';
import { roomState, selfOf, serviceOf } from './activities.ts';
import { CatchUp, PEOPLE } from './catch-up.ts';
import type { Batch } from './connection/batches.ts';
import { IrcConnection, type Origin } from './connection/connection.ts';
import type { FloodLimit } from './connection/flood.ts';
import { Isupport } from './connection/isupport.ts';
import type { IrcMessage } from './connection/message.ts';
import type { Timings } from './connection/timings.ts';
import { checkCredentials, identityOf, isSecure, portOf, type IrcCredentials } from './credentials.ts';
import { featuresOf } from './features.ts';
import { incoming } from './incoming/all.ts';
import { WHOX_FIELDS } from './incoming/names.ts';
import { Life } from './life.ts';
import { multilineActivity, noteSeen } from './messages.ts';
import { joinWanted } from './resume.ts';
import { Room } from './rooms.ts';
import { verbs } from './verbs/all.ts';

export interface IrcOptions {
  readonly timings: Timings;
  /** For servers that are not ours. */
  readonly flood: FloodLimit;
  /** PEM of an authority that signs certificates of servers, beside the well-known ones. */
  readonly authority?: string;
}

/** A room that the account wants to be in, also while the connection is down. */
export interface WantedRoom {
  readonly name: string;
  readonly key: string | undefined;
  /** Time of the newest message seen: where to go on after a reconnection. */
  lastSeen: string | undefined;
}

/** WHO in a larger room costs more than knowing who is away is worth. */
const LARGEST_WHO = 300;
const GOODBYE = 'Kosmos Chat';

/** One account on one IRC server. */
export class IrcSession implements PlatformSession {
  readonly context: SessionContext;
  /** As it stands in ids. */
  readonly server: string;
  /** Rooms to be in, by folded name. */
  readonly wanted = new Map<string, WantedRoom>();
  nick: string;
  /** Time of the newest direct message seen, else of the first connection: where to go on after a reconnection. */
  lastHeard: string | undefined;
  readonly catchUp = new CatchUp(this);
  readonly #credentials: IrcCredentials;
  readonly #options: IrcOptions;
  readonly #life: Life;
  readonly #rooms = new Map<string, Room>();
  #connection: IrcConnection | undefined;
  #made = 0;
  /** Of before a restart, for rooms that were not entered again yet. */
  readonly #before: Map<string, string>;
  #hasHistory: boolean | undefined;

  constructor(context: SessionContext, options: IrcOptions) {
    this.context = context;
    this.#options = options;
    this.#credentials = checkCredentials(context.credentials as unknown as IrcCredentials);
    this.server = this.#credentials.server;
    this.nick = this.#credentials.nick;
    this.#before = new Map(Object.entries(context.progress).map(([conversation, { at }]) => [conversation, at]));
    this.lastHeard = this.#before.get(PEOPLE);
    this.#life = new Life({ timings: options.timings, open: () => this.#open(), report: context.report });
    context.closing.addEventListener('abort', () => void this.close(), { once: true });
  }

  async handle(activity: Activity): Promise<Activity | undefined> {
    if (activity.type === 'connect') {
      await this.#life.connect();
      return this.#connectedActivity();
    }
    if (activity.type === 'disconnect') return void (await this.close());
    const verb = verbs.get(activity.type);
    if (!verb) throw new KosmosError('KOSMOS_ERR_VERB_UNKNOWN', { platform: 'irc', verb: activity.type });
    this.#checkConnected();
    return verb(this, activity);
  }

  snapshot(): readonly Activity[] {
    const rooms = [...this.#rooms.values()].filter(({ complete }) => complete);
    return this.#connection?.open ? [{ ...this.#connectedActivity(), type: 'update' }, ...rooms.map((room) => roomState(this, room))] : [];
  }

  progress(): Progress {
    if (this.#hasHistory === undefined) return this.context.progress;
    if (!this.#hasHistory) return {};
    return this.catchUp.progress ?? this.#progressNow();
  }

  async close(): Promise<void> {
    this.#life.end();
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.quit(GOODBYE);
  }

  /** Throws KOSMOS_ERR_NOT_CONNECTED while the connection is down: nothing is queued, so nothing is lost in silence. */
  get connection(): IrcConnection {
    return this.#checkConnected();
  }

  get isupport(): Isupport {
    return this.#connection?.isupport ?? unknownServer;
  }

  /** What rooms of this server can do. */
  get features(): readonly string[] {
    return this.#connection ? featuresOf(this.#connection) : [];
  }

  push(activity: Activity): void {
    this.context.push(activity);
  }

  /** The same for what would be fetched after a reconnection: it is noted where to go on, and what was missed comes first. */
  tell(activity: Activity): void {
    if (this.catchUp.holds(activity)) return;
    noteSeen(this, activity);
    this.push(activity);
  }

  /** For a message that the server gave no id: it is known to this session only. */
  makeId(): string {
    this.#made += 1;
    return `~${Date.now().toString(36)}-${this.#made.toString(36)}`;
  }

  findRoom(name: string): Room | undefined {
    return this.#rooms.get(this.isupport.fold(name));
  }

  allRooms(): Room[] {
    return [...this.#rooms.values()];
  }

  /** `at`: nothing of before that is missed by somebody who was never there. */
  enterRoom(name: string, at: string): void {
    const folded = this.isupport.fold(name);
    this.#rooms.set(folded, new Room(name));
    const since = this.wanted.get(folded)?.lastSeen ?? this.#before.get(folded);
    if (this.#hasHistory) this.catchUp.expect(folded, since);
    this.#before.delete(folded);
    if (!this.wanted.has(folded)) this.wanted.set(folded, { name, key: undefined, lastSeen: since ?? at });
  }

  leaveRoom(name: string): void {
    const folded = this.isupport.fold(name);
    this.#rooms.delete(folded);
    this.wanted.delete(folded);
    this.#before.delete(folded);
    this.catchUp.forget(folded);
  }

  /** The server listed everybody who is in it: now the room can be shown. */
  completeRoom(room: Room): void {
    if (room.complete || room.completing) return;
    room.completing = this.#askWho(room).then(() => {
      room.complete = true;
      if (this.findRoom(room.name) !== room) return;
      this.push(roomState(this, room));
      void this.catchUp.room(room.name);
    });
  }

  #checkConnected(): IrcConnection {
    if (!this.#connection?.open) throw new KosmosError('KOSMOS_ERR_NOT_CONNECTED', { server: this.server });
    return this.#connection;
  }

  async #askWho(room: Room): Promise<void> {
    if (room.size > LARGEST_WHO || this.isupport.get('WHOX') === undefined) return;
    await this.connection.request({ command: 'WHO', params: [room.name, WHOX_FIELDS] }).catch(() => undefined);
  }

  #connectedActivity(): Activity {
    return {
      type: 'connect',
      actor: selfOf(this),
      target: serviceOf(this),
      object: { type: 'connection', state: 'connected', features: this.features },
    };
  }

  async #open(): Promise<void> {
    const { context } = this;
    const credentials = this.#credentials;
    const identity = await identityOf(context, credentials);
    const address = await context.resolve(credentials.server, portOf(credentials));
    const secure = !context.isTeamServer && isSecure(credentials);
    const { certificate: cert, key } = credentials;
    const connection = await IrcConnection.open(
      {
        ...{ server: this.server, address, identity, timings: this.#options.timings, signal: context.closing, logger: context.logger },
        ...(secure ? { tls: { serverName: credentials.server, cert, key, authority: this.#options.authority } } : {}),
        ...(context.isTeamServer ? {} : { flood: this.#options.flood }),
      },
      {
        onReady: (ready, nick) => this.#begin(ready, nick),
        onMessage: (message, origin) => this.#receive(message, origin),
        onBatch: (batch) => this.#receiveBatch(batch),
        onClose: (reason) => this.#closed(reason),
      },
    );
    if (this.#life.ended) return void (await connection.quit(GOODBYE));
    context.report('connected');
    void this.#resume();
  }

  /** Ergo may put a second connection of an account into its rooms at once: what was before is gone before that. */
  #begin(connection: IrcConnection, nick: string): void {
    this.#rooms.clear();
    this.nick = nick;
    this.#connection = connection;
    this.#hasHistory = connection.capabilities.has('draft/chathistory');
    if (this.#hasHistory) this.catchUp.expect(PEOPLE, this.lastHeard);
    this.lastHeard ??= new Date().toISOString();
  }

  async #resume(): Promise<void> {
    await joinWanted(this);
    await this.catchUp.people();
  }

  #progressNow(): Progress {
    const rooms = [...this.wanted].map(([folded, { lastSeen }]) => [folded, lastSeen] as const);
    const heard = new Map([...this.#before, ...rooms, [PEOPLE, this.lastHeard] as const]);
    return Object.fromEntries([...heard].flatMap(([conversation, at]) => (at === undefined ? [] : [[conversation, { at }]])));
  }

  #receive(message: IrcMessage, origin: Origin): void {
    incoming.get(message.command)?.receive(this, message, origin);
  }

  #receiveBatch(batch: Batch): void {
    const activity = batch.type === 'draft/multiline' ? multilineActivity(this, batch) : undefined;
    if (activity) this.tell(activity);
  }

  #closed(reason: string): void {
    this.catchUp.abandon();
    this.#connection = undefined;
    this.#rooms.clear();
    this.#life.lost(reason);
  }
}

const unknownServer = new Isupport();
