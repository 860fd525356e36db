import { sql, type RawBuilder } from 'kysely';
import { dialectIn, type Queries } from '../database/database.ts';
import type { Account } from '../identity/accounts.ts';
import { findReadableChannels } from '../teams/access.ts';
import type { Channel } from '../teams/channels.ts';
import { findNumbers } from './channel-numbers.ts';
import { messageColumns, positionAt, presentMessage, type Message, type MessageRow } from './message.ts';
import { findReactions, keyOf } from './page.ts';
import type { SearchQuery } from './query.ts';

export interface SearchPage {
  /** Where the page before ended: its `next`. */
  readonly cursor?: string;
  /** 1 to 100, 20 if not given. */
  readonly limit?: number;
}

export interface Found extends Message {
  readonly channelName: string;
  /** Slug of the team. */
  readonly team: string;
}

const DEFAULT_LIMIT = 20;
const LARGEST_LIMIT = 100;
/** Trigrams know nothing shorter. */
const INDEXED_LENGTH = 3;
/** Rows that a search which no index helps may read: some 20 ms. */
const SCAN = 50_000;
/** A sender with no more messages than this is searched message by message; an index of common words would be slower. */
const FEW = 5_000;
/** As many channels are scanned each on its own; more are scanned together. */
const FEW_CHANNELS = 20;

type Condition = RawBuilder<unknown>;
type Readable = Channel & { teamSlug: string };

/**
 * Newest first, only of channels that the account may enter at this moment; those rights are part of the query itself.
 * A term of one or two characters (and nothing longer beside it) looks at the newest 50,000 messages only.
 */
export async function search(
  queries: Queries,
  account: Account,
  query: SearchQuery,
  page: SearchPage = {},
): Promise<{ messages: Found[]; next?: string }> {
  const limit = Math.min(Math.max(Math.trunc(page.limit ?? DEFAULT_LIMIT), 1), LARGEST_LIMIT);
  const readable = await findReadableChannels(queries, account);
  const wanted = readable.filter(({ name, address }) => query.in.length === 0 || query.in.includes(name) || query.in.includes(address));
  const numbers = await findNumbers(
    queries,
    wanted.map(({ id }) => id),
  );
  if (numbers.size === 0) return { messages: [] };
  const conditions = conditionsOf(queries, query, [...numbers.keys()], Number(page.cursor ?? Number.NaN));
  const rows = await (await chooseSource(queries, query, conditions, numbers.size))(limit + 1);
  const reactions = await findReactions(queries, rows.slice(0, limit));
  const messages = rows.slice(0, limit).map((row) => present(row, numbers.get(row.channel) as string, wanted, reactions.get(keyOf(row))));
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return last ? { messages, next: String(last.position) } : { messages };
}

function present(row: MessageRow, channelId: string, channels: readonly Readable[], reactions: Message['reactions'] = []): Found {
  const channel = channels.find(({ id }) => id === channelId) as Readable;
  return { ...presentMessage(row, channelId, reactions), channelName: channel.name, team: channel.teamSlug };
}

interface Conditions {
  readonly numbers: readonly number[];
  /** Bounds of `position`: the lower one included, the upper one excluded. */
  readonly lowest: number;
  readonly highest: number;
  /** What holds for every message found, but for the bounds and the terms. */
  readonly all: readonly Condition[];
}

function conditionsOf(queries: Queries, query: SearchQuery, numbers: readonly number[], cursor: number): Conditions {
  // SQLite would take the plus-less column as a reason to read channel by channel and sort; PostgreSQL's index has the channel in it.
  const channel = dialectIn(queries) === 'postgres' ? sql`m.channel` : sql`+m.channel`;
  const all = [sql`m.kind in ('text', 'action', 'notice')`, sql`m.deleted_at is null`, sql`${channel} in (${list(numbers)})`];
  if (query.from.length > 0) all.push(sql`m.sender in (${sql.join(query.from)})`);
  if (query.hasLink) all.push(sql`m.has_link = 1`);
  if (query.hasFile) all.push(sql`m.has_file = 1`);
  const upper = [query.before === undefined ? Number.NaN : positionAt(query.before), cursor].filter(Number.isSafeInteger);
  return {
    numbers,
    lowest: query.after === undefined ? 0 : positionAt(query.after),
    highest: Math.min(Number.MAX_SAFE_INTEGER, ...upper),
    all,
  };
}

type Source = (limit: number) => Promise<MessageRow[]>;

/** The way to the messages that reads the fewest rows. */
async function chooseSource(queries: Queries, query: SearchQuery, conditions: Conditions, channels: number): Promise<Source> {
  const indexed = query.terms.filter((term) => [...term].length >= INDEXED_LENGTH);
  const bounds = [sql`m.position >= ${whole(conditions.lowest)}`, sql`m.position < ${whole(conditions.highest)}`];
  const holds = and([...conditions.all, ...bounds, ...query.terms.map((term) => contains(queries, term))]);
  if (query.terms.length === 0 || (await areFew(queries, query.from))) return (limit) => select(queries, sql`messages m`, holds, limit);
  if (indexed.length === 0) {
    return (limit) => select(queries, sql`(${newest(conditions, channels)}) m`, holds, limit);
  }
  if (dialectIn(queries) === 'postgres') return (limit) => select(queries, sql`messages m`, holds, limit);
  const restricted = await hidesChannels(queries, conditions.numbers);
  return (limit) => selectIndexed(queries, query, conditions, matchOf(indexed, restricted ? conditions.numbers : []), limit);
}

async function select(queries: Queries, from: Condition, holds: Condition, limit: number): Promise<MessageRow[]> {
  const result = await sql<MessageRow>`select ${columns} from ${from} where ${holds} order by m.position desc limit ${limit}`.execute(
    queries,
  );
  return result.rows;
}

/** FTS5 walks its matches from the newest, so the limit ends the work. */
async function selectIndexed(
  queries: Queries,
  query: SearchQuery,
  conditions: Conditions,
  match: string,
  limit: number,
): Promise<MessageRow[]> {
  const short = query.terms.filter((term) => [...term].length < INDEXED_LENGTH).map((term) => contains(queries, term));
  const result = await sql<MessageRow>`select ${columns} from message_search f cross join messages m on m.position = f.rowid
    where f.message_search match ${match} and f.rowid >= ${whole(conditions.lowest)} and f.rowid < ${whole(conditions.highest)}
    and ${and([...conditions.all, ...short])} order by f.rowid desc limit ${limit}`.execute(queries);
  return result.rows;
}

/** The newest rows that a search without an index may look at. */
function newest(conditions: Conditions, channels: number): Condition {
  const bounds = sql`position >= ${whole(conditions.lowest)} and position < ${whole(conditions.highest)}`;
  if (channels > FEW_CHANNELS) return sql`select * from messages where ${bounds} order by position desc limit ${SCAN}`;
  const each = conditions.numbers.map(
    (number) => sql`select * from (select * from messages where channel = ${number} and ${bounds}
      order by position desc limit ${Math.ceil(SCAN / channels)}) c${sql.raw(String(number))}`,
  );
  return sql.join(each, sql` union all `);
}

/** Whether the account could enter all channels that the archive has: then the index need not look at channels. */
async function hidesChannels(queries: Queries, numbers: readonly number[]): Promise<boolean> {
  const row = await queries
    .selectFrom('archive_channels')
    .select((count) => count.fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  return Number(row.count) > numbers.length;
}

async function areFew(queries: Queries, senders: readonly string[]): Promise<boolean> {
  if (senders.length === 0) return false;
  const some = queries
    .selectFrom('messages')
    .select('position')
    .where('sender', 'in', senders)
    .limit(FEW + 1);
  const row = await queries
    .selectFrom(some.as('some'))
    .select((count) => count.fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  return Number(row.count) <= FEW;
}

/** In FTS5's language: every term as a phrase, and one of the channels by the tokens that the triggers of 0005-archive write. */
function matchOf(terms: readonly string[], numbers: readonly number[]): string {
  const phrase = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const parts = terms.map((term) => `text : ${phrase(term)}`);
  if (numbers.length > 0) parts.push(`channel : (${numbers.map((number) => phrase(channelToken(number))).join(' OR ')})`);
  return parts.join(' AND ');
}

function channelToken(number: number): string {
  return String.fromCodePoint(57_344 + Math.floor(number / 6_400), 57_344 + (number % 6_400), 63_743);
}

/** SQLite's `like` knows only ASCII's upper and lower case, so a term is looked for in the spellings that people use. */
function contains(queries: Queries, term: string): Condition {
  const pattern = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;
  if (dialectIn(queries) === 'postgres') return sql`m.text ilike ${pattern(term)} escape '\\'`;
  const lower = term.toLowerCase();
  const spellings = new Set([term, lower, term.toUpperCase(), lower.charAt(0).toUpperCase() + lower.slice(1)]);
  return sql`(${sql.join(
    [...spellings].map((spelling) => sql`m.text like ${pattern(spelling)} escape '\\'`),
    sql` or `,
  )})`;
}

const columns = sql.join(messageColumns.map((column) => sql.ref(`m.${column}`)));

function and(conditions: readonly Condition[]): Condition {
  return sql.join([...conditions], sql` and `);
}

/** Written out: a bound number is a REAL to SQLite, which FTS5 would not use as a limit. */
function whole(number: number): Condition {
  return sql.raw(String(number));
}

function list(numbers: readonly number[]): Condition {
  return sql.raw(numbers.join(', '));
}
