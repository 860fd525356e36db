import type { Progress } from '../platform.ts';
import { Conversation } from './conversation.ts';
import { localOf } from './jid.ts';
import type { Element } from './xml/element.ts';

export interface Occupant {
  readonly nick: string;
  readonly affiliation: string;
  readonly role: string;
  /** Bare address, where the room tells it. */
  readonly jid: string | undefined;
  readonly show: string | undefined;
  readonly status: string | undefined;
}

export type RoomState = 'joining' | 'joined' | 'left';

/** A room that the session is in, or wants to be in (https://xmpp.org/extensions/xep-0045.html). */
export class Room extends Conversation {
  nick: string;
  password: string | undefined;
  state: RoomState = 'left';
  topic = '';
  features: readonly string[] = [];
  /** The namespace of moderation that the room knows, if any. */
  moderation: string | undefined;
  /** Ids of own changes of the topic that were not told back yet: not every room repeats the id. */
  topicChanges: string[] = [];
  hasBeenJoined = false;
  /** A try to get in again that is due. */
  retry: NodeJS.Timeout | undefined;
  readonly occupants = new Map<string, Occupant>();
  /** Where to go on after a reconnection: the newest message that the client knows, else the time of joining. */
  lastArchiveId: string | undefined;
  lastPublished = new Date().toISOString();
  /** What comes in while the missed messages are fetched waits here for its turn. */
  held: Element[] | undefined;

  constructor(jid: string, nick: string, password: string | undefined) {
    super(jid, true);
    this.nick = nick;
    this.password = password;
  }

  /** A room of before a restart: what is told there now waits for what was missed. */
  goOnFrom({ at, id }: Progress[string]): void {
    this.hasBeenJoined = true;
    this.lastArchiveId = id;
    this.lastPublished = at;
    this.held = [];
  }

  get name(): string {
    return localOf(this.jid);
  }
}

/** The role as the protocol of the gateway has it: the affiliation, else the role. */
export function roleOf({ affiliation, role }: Pick<Occupant, 'affiliation' | 'role'>): string {
  return affiliation === 'none' ? role : affiliation;
}
