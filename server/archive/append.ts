import { sql } from 'kysely';
import type { Database, Queries } from '../database/database.ts';
import { dialectIn } from '../database/database.ts';
import type { MessagesTable } from '../database/schema.ts';
import { indexBigrams } from './bigrams.ts';
import { ensureNumber } from './channel-numbers.ts';
import { clean, flagsOf, isSpoken, LONGEST_TEXT, PER_MILLISECOND, positionAt, senderOf, type NewMessage } from './message.ts';

/** Any number will do: it keeps PostgreSQL's appenders apart while they look for free positions. */
const APPEND_LOCK = 7_266_002;
/** Below the 65,535 parameters that PostgreSQL takes, at 17 a row. */
const BATCH = 500;
const LONGEST_ID = 1_024;

/**
 * Adds messages of a channel, whatever their order. Those whose id the channel has already are left as they are, so that history may
 * be fetched over and over. Returns the ones that are new, oldest first.
 */
export async function appendMessages(database: Database, channelId: string, messages: readonly NewMessage[]): Promise<NewMessage[]> {
  const sorted = [...messages].sort((one, other) => Date.parse(one.sentAt) - Date.parse(other.sentAt));
  const appended: NewMessage[] = [];
  for (let start = 0; start < sorted.length; start += BATCH) {
    appended.push(...(await appendBatch(database, channelId, sorted.slice(start, start + BATCH))));
  }
  return appended;
}

async function appendBatch(database: Database, channelId: string, batch: readonly NewMessage[]): Promise<NewMessage[]> {
  return database.transaction().execute(async (queries) => {
    if (dialectIn(queries) === 'postgres') await sql`select pg_advisory_xact_lock(${APPEND_LOCK})`.execute(queries);
    const number = await ensureNumber(queries, channelId);
    const fresh = await withoutKnown(queries, number, batch);
    if (fresh.length === 0) return [];
    const places = new Places(queries);
    await places.load(fresh.map(({ sentAt }) => Date.parse(sentAt)));
    const rows: MessagesTable[] = [];
    for (const message of fresh) rows.push(rowOf(message, number, await places.take(Date.parse(message.sentAt))));
    await queries.insertInto('messages').values(rows).execute();
    await indexBigrams(
      queries,
      rows.filter(({ kind }) => isSpoken(kind)),
    );
    return fresh;
  });
}

async function withoutKnown(queries: Queries, number: number, batch: readonly NewMessage[]): Promise<NewMessage[]> {
  const unique = new Map<string, NewMessage>();
  for (const message of batch) {
    const id = clean(message.id, LONGEST_ID);
    if (!unique.has(id)) unique.set(id, { ...message, id });
  }
  const known = await queries
    .selectFrom('messages')
    .select('server_id')
    .where('channel', '=', number)
    .where('server_id', 'in', [...unique.keys()])
    .execute();
  for (const { server_id } of known) unique.delete(server_id);
  return [...unique.values()];
}

/** Hands out positions: the first of a millisecond that is not taken, or one of the next milliseconds where it is full. */
class Places {
  readonly #queries: Queries;
  /** First free position by the first of its millisecond. */
  readonly #free = new Map<number, number>();

  constructor(queries: Queries) {
    this.#queries = queries;
  }

  /** Looks at many milliseconds with one query. */
  async load(times: readonly number[]): Promise<void> {
    const bases = [...new Set(times.map(positionAt))];
    const values = sql.join(bases.map((base) => sql`(cast(${base} as bigint))`));
    const taken = await sql<{ base: number; last: number | null }>`with bases (base) as (values ${values})
      select base, (select max(position) from messages where position >= base and position < base + ${sql.lit(PER_MILLISECOND)}) as last
      from bases`.execute(this.#queries);
    for (const { base, last } of taken.rows) this.#free.set(base, last === null ? base : last + 1);
  }

  async take(time: number): Promise<number> {
    for (let base = positionAt(time); ; base += PER_MILLISECOND) {
      if (!this.#free.has(base)) await this.load([base / PER_MILLISECOND]);
      const position = this.#free.get(base) as number;
      if (position >= base + PER_MILLISECOND) continue;
      this.#free.set(base, position + 1);
      return position;
    }
  }
}

function rowOf(message: NewMessage, channel: number, position: number): MessagesTable {
  const text = clean(message.text, LONGEST_TEXT);
  const optional = (value: string | undefined): string | null => (value === undefined ? null : clean(value, LONGEST_ID));
  const nick = clean(message.nick, LONGEST_ID);
  const account = optional(message.account);
  return {
    ...{ position, channel, server_id: message.id, origin_id: optional(message.originId) },
    ...{ kind: message.kind, sender: senderOf({ nick, account }), nick, account },
    ...{ text, original: null, reply_to: optional(message.replyTo), attachment: optional(message.attachment) },
    ...flagsOf(text, message.attachment),
    ...{ sent_at: new Date(message.sentAt).toISOString(), edited_at: null, deleted_at: null },
  };
}
