import { EventEmitter } from 'node:events';
import { sql } from 'kysely';
import type { ApplianceEvent, EventBody } from '../foundation/events.ts';
import { timestamp, type Database, type Queries } from './database.ts';
import type { Dialect } from './migration.ts';
import type { Schema } from './schema.ts';
import type { Transaction } from 'kysely';

/** Any number will do: it keeps PostgreSQL's writers of events apart, so that ids are in commit order. */
const EVENT_LOCK = 7_266_001;
const PAGE = 500;
/** Followers read what is, and then what changes: none comes back with a cursor this old. */
const KEPT = 7 * 24 * 3_600_000;
const FORGET_EVERY = 3_600_000;

/** A transaction that may emit events; they exist if and only if it commits. */
export interface Change {
  readonly queries: Transaction<Schema>;
  emit(event: EventBody): Promise<void>;
}

/** The outbox: changes and the events that tell of them are written together, and followers are woken after the commit. */
export class Outbox {
  readonly database: Database;
  readonly #dialect: Dialect;
  readonly #committed = new EventEmitter().setMaxListeners(0);
  #forgotAt = 0;

  constructor(database: Database, dialect: Dialect) {
    this.database = database;
    this.#dialect = dialect;
  }

  /** Runs `work` in one transaction. All of it, events included, is undone if it throws. */
  async change<T>(work: (change: Change) => Promise<T>): Promise<T> {
    let emitted = false;
    const result = await this.database.transaction().execute((queries) =>
      work({
        queries,
        emit: async (event) => {
          if (!emitted && this.#dialect === 'postgres') await sql`select pg_advisory_xact_lock(${EVENT_LOCK})`.execute(queries);
          emitted = true;
          await queries
            .insertInto('events')
            .values({ type: event.type, body: JSON.stringify(event), at: timestamp() })
            .execute();
        },
      }),
    );
    if (emitted) {
      this.#committed.emit('committed');
      // What is committed stays so, whatever becomes of this.
      await this.#forgetOld().catch(() => undefined);
    }
    return result;
  }

  /** Never the newest one: its id is where followers begin. */
  async #forgetOld(): Promise<void> {
    if (Date.now() - this.#forgotAt < FORGET_EVERY) return;
    this.#forgotAt = Date.now();
    const latest = await this.findLatest();
    await this.database
      .deleteFrom('events')
      .where('at', '<', timestamp(Date.now() - KEPT))
      .where('id', '<', latest)
      .execute();
  }

  /** Another process wrote events: whoever listens here looks. */
  wake(): void {
    this.#committed.emit('committed');
  }

  /** Calls `listener` after each commit that emitted events; returns the way to stop. */
  onCommit(listener: () => void): () => void {
    this.#committed.on('committed', listener);
    return () => this.#committed.off('committed', listener);
  }

  /** Events with an id above `cursor`, oldest first, at most 500. */
  async findAfter(cursor: number): Promise<ApplianceEvent[]> {
    const rows = await this.database.selectFrom('events').selectAll().where('id', '>', cursor).orderBy('id').limit(PAGE).execute();
    return rows.map((row) => ({ ...(JSON.parse(row.body) as EventBody), id: row.id, at: row.at }));
  }

  /** The id of the newest event, 0 if there is none. */
  async findLatest(): Promise<number> {
    return findLatestEvent(this.database);
  }
}

async function findLatestEvent(queries: Queries): Promise<number> {
  const row = await queries
    .selectFrom('events')
    .select((select) => select.fn.max('id').as('id'))
    .executeTakeFirst();
  return Number(row?.id ?? 0);
}
