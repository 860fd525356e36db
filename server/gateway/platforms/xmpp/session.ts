import { KosmosError } from '../../../foundation/errors.ts';
import type { Activity, ActivityObject, PlatformSession, Progress, SessionContext } from '../platform.ts';
import { ownPerson, roomState, serviceOf } from './activities.ts';
import { Archive } from './archive.ts';
import { Contacts } from './contacts.ts';
import { Conversation } from './conversation.ts';
import { Copies } from './copies.ts';
import type { XmppAccount } from './credentials.ts';
import { receive } from './incoming/receive.ts';
import { bareOf } from './jid.ts';
import { limits } from './limits.ts';
import type { Room } from './room.ts';
import { setUp } from './set-up.ts';
import { Connection } from './stream/connection.ts';
import type { DialOptions } from './stream/dial.ts';
import { Waiting } from './waiting.ts';
import { verbOf } from './verbs/all.ts';
import type { Element } from './xml/element.ts';

/** Verbs that make sense without a connection. */
const always = new Set(['connect', 'disconnect']);

/** The key of the account's own archive in a progress; rooms go by their addresses. */
const OWN_ARCHIVE = '';

/** One account on one XMPP server. */
export class XmppSession implements PlatformSession {
  readonly context: SessionContext;
  readonly account: XmppAccount;
  readonly connection: Connection;
  readonly copies: Copies;
  readonly archive: Archive;
  readonly contacts = new Contacts();
  /** Rooms that the client wants to be in, joined or not at the moment. */
  readonly rooms = new Map<string, Room>();
  /** Newest read message by conversation (https://xmpp.org/extensions/xep-0490.html). */
  readonly markers = new Map<string, string>();
  readonly waiting = new Waiting();
  /** Where to go on in the account's own archive after a reconnection. */
  lastArchiveId: string | undefined;
  lastPublished = new Date().toISOString();
  held: Element[] | undefined;
  /** Whether there was a stream before: then something may have been missed. */
  hasBeenOnline = false;
  features: readonly string[] = [];
  /** `show` and `status` as the client set them, said again on each new stream. */
  ownPresence: readonly (Element | undefined)[] = [];
  /** A message that waits for what it answers to be looked up; later ones must not overtake it. */
  turn: Promise<unknown> | undefined;
  readonly #people = new Map<string, Conversation>();
  /** Of before a restart, for rooms that were not entered again yet. */
  readonly #before: Map<string, Progress[string]>;

  constructor(context: SessionContext, account: XmppAccount, options: DialOptions) {
    this.context = context;
    this.account = account;
    this.#before = new Map(Object.entries(context.progress));
    const own = this.#before.get(OWN_ARCHIVE);
    if (own) {
      this.hasBeenOnline = true;
      this.lastArchiveId = own.id;
      this.lastPublished = own.at;
    }
    this.copies = new Copies(account.domain);
    this.connection = new Connection(context, account, options, {
      stanza: (stanza) => receive(this, stanza),
      online: (isResumed) => (isResumed ? Promise.resolve() : setUp(this)),
      forgotten: () => this.#forgotten(),
    });
    this.archive = new Archive(this.connection);
    context.closing.addEventListener('abort', () => void this.close(), { once: true });
  }

  async handle(activity: Activity): Promise<Activity | undefined> {
    const verb = verbOf(activity);
    if (!always.has(activity.type) && !this.connection.isOnline) throw this.connection.notConnected();
    return verb(this, activity);
  }

  snapshot(): readonly Activity[] {
    const rooms = [...this.rooms.values()].filter(({ state }) => state === 'joined');
    return [this.connectionState(), ...rooms.map((room) => roomState(this, room))];
  }

  progress(): Progress {
    const heard = new Map(this.#before);
    for (const room of this.rooms.values())
      if (room.lastArchiveId !== undefined || room.features.includes('history')) heard.set(room.jid, placeOf(room));
    if (this.features.includes('history')) heard.set(OWN_ARCHIVE, placeOf(this));
    return Object.fromEntries(heard);
  }

  /** Where to go on in a room that was entered before a restart, once. */
  takeProgress(room: string): Progress[string] | undefined {
    const before = this.#before.get(room);
    this.#before.delete(room);
    return before;
  }

  async close(): Promise<void> {
    await this.connection.close();
    this.copies.abandon();
  }

  connectionState(): Activity {
    const { state, reason } = this.connection;
    const shown = { idle: 'disconnected', waiting: 'disconnected', closed: 'disconnected' } as const;
    const told = state === 'connecting' || state === 'online' || state === 'failed' ? state : shown[state];
    return {
      type: 'update',
      actor: ownPerson(this),
      target: serviceOf(this.account.domain),
      object: {
        type: 'connection',
        state: told === 'online' ? 'connected' : told,
        ...(told !== 'online' && reason !== '' ? { content: reason } : {}),
      },
    };
  }

  push(activity: Activity): void {
    this.context.push(activity);
  }

  /** The conversation with a person: a contact by its bare address, an occupant of a room by the full one. */
  personal(jid: string): Conversation {
    const key = this.rooms.has(bareOf(jid)) ? jid : bareOf(jid);
    const known = this.#people.get(key);
    if (known !== undefined) return known;
    if (this.#people.size >= limits.conversations) this.#people.delete(this.#people.keys().next().value as string);
    const conversation = new Conversation(key, false);
    this.#people.set(key, conversation);
    return conversation;
  }

  peopleTalkedTo(): readonly string[] {
    return [...this.#people.keys()];
  }

  /** The room of that id. Throws KOSMOS_ERR_NOT_IN_ROOM. */
  joinedRoom(target: ActivityObject | undefined): Room {
    const id = target?.id ?? target?.name ?? '';
    const room = this.rooms.get(bareOf(id).toLowerCase());
    if (room?.state !== 'joined') throw new KosmosError('KOSMOS_ERR_NOT_IN_ROOM', { room: id });
    return room;
  }

  /** The server knows nothing of us any more. What was on its way is looked for in the archive after the next log-in. */
  #forgotten(): void {
    this.archive.abandon();
    this.waiting.abandon(() => this.connection.notConnected());
    for (const room of this.rooms.values()) room.state = 'left';
  }

  notSupported(feature: string, server: string = this.account.domain): KosmosError {
    return new KosmosError('KOSMOS_ERR_NOT_SUPPORTED', { server, feature });
  }
}

function placeOf({ lastPublished, lastArchiveId }: Pick<XmppSession, 'lastPublished' | 'lastArchiveId'>): Progress[string] {
  return { at: lastPublished, ...(lastArchiveId === undefined ? {} : { id: lastArchiveId }) };
}
