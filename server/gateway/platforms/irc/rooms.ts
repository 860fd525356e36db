import type { Isupport } from './connection/isupport.ts';

/** Somebody in a room. Frozen and shared between all sessions: a room of a thousand costs each member only references. */
export interface Occupant {
  readonly nick: string;
  /** Prefixes, highest first: `@+`. */
  readonly prefixes: string;
  readonly account: string | undefined;
  /** The message, empty for none; undefined if present. */
  readonly away: string | undefined;
}

const MOST_SHARED = 50_000;
const shared = new Map<string, Occupant>();

export function occupantOf(nick: string, prefixes: string, account?: string, away?: string): Occupant {
  const key = `${nick} ${prefixes} ${account ?? ''} ${away ?? '\n'}`;
  const known = shared.get(key);
  if (known) return known;
  if (shared.size >= MOST_SHARED) shared.clear();
  const occupant = Object.freeze({ nick, prefixes, account, away });
  shared.set(key, occupant);
  return occupant;
}

/** Sockethub's names for the ranks of IRC. */
export type RoomRole = 'owner' | 'admin' | 'participant' | 'member';

const roles: Readonly<Record<string, RoomRole>> = { '~': 'owner', '@': 'owner', '&': 'admin', '%': 'admin', '+': 'participant' };
const roleModes: Readonly<Record<string, RoomRole>> = { q: 'owner', o: 'owner', a: 'admin', h: 'admin', v: 'participant' };
const preferredModes: Readonly<Record<RoomRole, string>> = { owner: 'oq', admin: 'ah', participant: 'v', member: '' };

export function roleOf(prefixes: string): RoomRole {
  return roles[prefixes.charAt(0)] ?? 'member';
}

export function roleOfMode(mode: string): RoomRole | undefined {
  return roleModes[mode];
}

/** The mode that gives a role on this server. */
export function modeOfRole(role: string, isupport: Isupport): string | undefined {
  const known = isupport.prefixes.map(([mode]) => mode);
  return [...(preferredModes[role as RoomRole] ?? '')].find((mode) => known.includes(mode));
}

/** A channel that the session is in. */
export class Room {
  /** As the server writes it. */
  readonly name: string;
  topic = '';
  topicBy: string | undefined;
  topicAt: string | undefined;
  marker: string | undefined;
  /** Everybody in it is known, and the account's sockets were told. */
  complete = false;
  completing: Promise<void> | undefined;
  readonly #occupants = new Map<string, Occupant>();

  constructor(name: string) {
    this.name = name;
  }

  get occupants(): Iterable<Occupant> {
    return this.#occupants.values();
  }

  get size(): number {
    return this.#occupants.size;
  }

  find(folded: string): Occupant | undefined {
    return this.#occupants.get(folded);
  }

  put(folded: string, occupant: Occupant): void {
    this.#occupants.set(folded, occupant);
  }

  remove(folded: string): boolean {
    return this.#occupants.delete(folded);
  }
}

/** Puts a prefix in or out, keeping the server's order of ranks. */
export function withPrefix(prefixes: string, prefix: string, adding: boolean, isupport: Isupport): string {
  return isupport.prefixes
    .map(([, known]) => known)
    .filter((known) => (known === prefix ? adding : prefixes.includes(known)))
    .join('');
}
