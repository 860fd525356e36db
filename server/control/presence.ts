import { timestamp, type Database } from '../database/database.ts';
import type { AccountSeenTable } from '../database/schema-admin.ts';
import type { LiveSession } from '../components/component.ts';
import { FailureLimit } from '../identity/rate-limit.ts';
import type { House } from './services.ts';

export type Protocol = AccountSeenTable['protocol'];

const FRESH = 5_000;
const LOOK_EVERY = 60_000;
/** `seen_at` is written at most this often for one account and protocol. */
const oncePerWindow = { failures: 1, window: 60_000 };

/** Who is there now and when each was last there, by protocol. Looks at the servers once a minute, and when somebody asks. */
export class Presence {
  readonly #database: Database;
  readonly #house: Pick<House, 'liveSessions'>;
  readonly #written = new FailureLimit(oncePerWindow);
  #timer: NodeJS.Timeout | undefined;
  #looked: { at: number; sessions: Promise<LiveSession[]> } | undefined;

  constructor(database: Database, house: Pick<House, 'liveSessions'>) {
    this.#database = database;
    this.#house = house;
  }

  start(): void {
    this.#timer = setInterval(() => void this.sessions(), LOOK_EVERY).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Connections to IRC and XMPP, at most five seconds old. */
  sessions(): Promise<LiveSession[]> {
    if (!this.#looked || Date.now() - this.#looked.at > FRESH) this.#looked = { at: Date.now(), sessions: this.#look() };
    return this.#looked.sessions;
  }

  /** By account name. */
  async online(): Promise<Map<string, Set<Protocol>>> {
    const online = new Map<string, Set<Protocol>>();
    for (const session of await this.sessions()) {
      const protocols = online.get(session.name) ?? new Set();
      online.set(session.name, protocols.add(protocolOf(session)));
    }
    return online;
  }

  async note(accountId: string, protocol: Protocol): Promise<void> {
    const key = `${accountId} ${protocol}`;
    if (this.#written.secondsLeft(key) > 0) return;
    this.#written.countFailure(key);
    const row = { account_id: accountId, protocol, seen_at: timestamp() };
    await this.#database
      .insertInto('account_seen')
      .values(row)
      .onConflict((conflict) => conflict.columns(['account_id', 'protocol']).doUpdateSet({ seen_at: row.seen_at }))
      .execute();
  }

  async #look(): Promise<LiveSession[]> {
    const sessions = await this.#house.liveSessions();
    const names = [...new Set(sessions.map(({ name }) => name))];
    if (names.length === 0) return sessions;
    const rows = await this.#database.selectFrom('accounts').select(['id', 'name']).where('name', 'in', names).execute();
    const ids = new Map(rows.map(({ id, name }) => [name, id]));
    for (const session of sessions) {
      const id = ids.get(session.name);
      if (id !== undefined) await this.note(id, protocolOf(session));
    }
    return sessions;
  }
}

function protocolOf({ protocol, viaGateway }: LiveSession): Protocol {
  return viaGateway ? 'web' : protocol;
}

/** How many there are, in all and by protocol; somebody on two counts in both. */
export function countOnline(online: ReadonlyMap<string, ReadonlySet<Protocol>>): { total: number; web: number; irc: number; xmpp: number } {
  const count = (protocol: Protocol): number => [...online.values()].filter((protocols) => protocols.has(protocol)).length;
  return { total: online.size, web: count('web'), irc: count('irc'), xmpp: count('xmpp') };
}
