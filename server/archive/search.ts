import { sql, type RawBuilder } from 'kysely';
import { dialectIn, type Queries } from '../database/database.ts';
import type { Account } from '../identity/accounts.ts';
import { findReadableChannels } from '../teams/access.ts';
import type { Channel } from '../teams/channels.ts';
import { bigramIn, channelToken } from './bigrams.ts';
import { findNumbers } from './channel-numbers.ts';
import { messageColumns, positionAt, presentMessage, type Message, type MessageRow } from './message.ts';
import { findReactions, keyOf, upTo } from './page.ts';
import type { SearchQuery } from './query.ts';

export interface SearchPage {
  /** Where the page before ended: its `next`. */
  readonly cursor?: string;
  /** 1 to 100, 20 if not given. */
  readonly limit?: number;
  /** Messages that a search which no index helps may read, from the newest. */
  readonly scan?: number;
}

export interface Found extends Message {
  readonly channelName: string;
  /** Slug of the team. */
  readonly team: string;
}

const DEFAULT_LIMIT = 20;
const LARGEST_LIMIT = 100;
/** Trigrams know nothing shorter; of shorter terms, Chinese, Japanese and Korean ones have an index of their own. */
const INDEXED_LENGTH = 3;
/** Some 20 ms. */
const SCAN = 50_000;
/** Rows in which a word that is not rare turns up, and fewer where they lie far apart; some 10 ms on PostgreSQL. */
const FIRST_LOOK = { near: 10_000, apart: 3_000 };
/** A sender with no more messages than this is searched message by message; an index of common words would be slower. */
const FEW = 5_000;
/** As many channels are scanned each on its own; more are scanned together. */
const FEW_CHANNELS = 20;

type Condition = RawBuilder<unknown>;
type Readable = Channel & { teamSlug: string };

/**
 * Newest first, only of channels that the account may enter at this moment; those rights are part of the query itself.
 * Terms of one or two letters (and nothing beside them that an index knows) look at the newest 50,000 messages only.
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
  const conditions = conditionsOf(queries, query, [...numbers.keys()], page);
  const rows = await (await chooseSource(queries, query, conditions))(limit + 1);
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
  /** The same without the channels. */
  readonly others: readonly Condition[];
  readonly scan: number;
}

function conditionsOf(queries: Queries, query: SearchQuery, numbers: readonly number[], { cursor, scan = SCAN }: SearchPage): Conditions {
  // SQLite would take the plus-less column as a reason to read channel by channel and sort; PostgreSQL's index has the channel in it.
  const channel = dialectIn(queries) === 'postgres' ? sql`m.channel` : sql`+m.channel`;
  const others = [sql`m.kind in ('text', 'action', 'notice')`, sql`m.deleted_at is null`];
  if (query.from.length > 0) others.push(sql`m.sender in (${sql.join(query.from)})`);
  if (query.hasLink) others.push(sql`m.has_link = 1`);
  if (query.hasFile) others.push(sql`m.has_file = 1`);
  const upper = [query.before === undefined ? Number.NaN : positionAt(query.before), Number(cursor ?? Number.NaN)];
  return {
    numbers,
    lowest: query.after === undefined ? 0 : positionAt(query.after),
    highest: Math.min(Number.MAX_SAFE_INTEGER, ...upper.filter(Number.isSafeInteger)),
    ...{ all: [...others, sql`${channel} in (${list(numbers)})`], others, scan },
  };
}

type Source = (limit: number) => Promise<MessageRow[]>;

/** The way to the messages that reads the fewest rows. */
async function chooseSource(queries: Queries, query: SearchQuery, conditions: Conditions): Promise<Source> {
  const indexed = query.terms.filter((term) => [...term].length >= INDEXED_LENGTH);
  const bounds = [sql`m.position >= ${whole(conditions.lowest)}`, sql`m.position < ${whole(conditions.highest)}`];
  const holds = and([...conditions.all, ...bounds, ...query.terms.map((term) => contains(queries, term))]);
  if (query.terms.length === 0 || (await areFew(queries, query.from))) return (limit) => select(queries, sql`messages m`, holds, limit);
  const bigrams = query.terms.map(bigramIn).filter((bigram) => bigram !== undefined);
  if (indexed.length === 0 && bigrams.length === 0) {
    return (limit) => select(queries, sql`(${newest(queries, conditions)}) m`, holds, limit);
  }
  const isPostgres = dialectIn(queries) === 'postgres';
  if (isPostgres && indexed.length > 0) return (limit) => lookTwice(queries, query, conditions, holds, limit);
  const numbers = (await hidesChannels(queries, conditions.numbers)) ? conditions.numbers : [];
  if (isPostgres) return (limit) => selectByLexemes(queries, conditions, { bigrams, numbers, holds }, limit);
  if (indexed.length === 0) {
    const match = [...bigrams.map(bigramMatch), ...channelMatch(numbers)].join(' AND ');
    return (limit) => selectIndexed(queries, query, conditions, { index: 'message_bigrams', match }, limit);
  }
  const match = [...indexed.map((term) => `text : ${phrase(term)}`), ...channelMatch(numbers)].join(' AND ');
  return (limit) => selectIndexed(queries, query, conditions, { index: 'message_search', match }, limit);
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
  { index, match }: { index: 'message_search' | 'message_bigrams'; match: string },
  limit: number,
): Promise<MessageRow[]> {
  const short = query.terms.filter((term) => [...term].length < INDEXED_LENGTH).map((term) => contains(queries, term));
  const result = await sql<MessageRow>`select ${columns} from ${sql.table(index)} f cross join messages m on m.position = f.rowid
    where ${sql.ref(`f.${index}`)} match ${match} and f.rowid >= ${whole(conditions.lowest)} and f.rowid < ${whole(conditions.highest)}
    and ${and([...conditions.all, ...short])} order by f.rowid desc limit ${limit}`.execute(queries);
  return result.rows;
}

/**
 * PostgreSQL's index of trigrams gives all matches at once, which is slow for a word that is everywhere; and a walk from the newest is
 * slow for one that is hardly anywhere. Its planner only guesses which it is, so the newest are looked at, and the index then.
 */
async function lookTwice(
  queries: Queries,
  query: SearchQuery,
  conditions: Conditions,
  holds: Condition,
  limit: number,
): Promise<MessageRow[]> {
  const isApart = query.from.length > 0 || query.hasLink || query.hasFile;
  const scan = isApart ? FIRST_LOOK.apart : FIRST_LOOK.near;
  const recent = await select(queries, sql`(${newest(queries, { ...conditions, scan }, query)}) m`, holds, limit);
  if (recent.length === limit) return recent;
  // The sums keep it from other indexes, which would give it most of the archive, and from walking after all.
  const channel = (await hidesChannels(queries, conditions.numbers)) ? sql`m.channel` : sql`m.channel + 0`;
  const bounds = [sql`m.position + 0 >= ${whole(conditions.lowest)}`, sql`m.position + 0 < ${whole(conditions.highest)}`];
  const found = [...conditions.others, sql`${channel} in (${list(conditions.numbers)})`, ...bounds];
  const terms = query.terms.map((term) => contains(queries, term));
  const result = await sql<MessageRow>`select ${columns} from messages m where ${and([...found, ...terms])}
    order by m.position + 0 desc limit ${limit}`.execute(queries);
  return result.rows;
}

/** PostgreSQL's way to bigrams: words of a tsvector, beside the channel in one index. */
async function selectByLexemes(
  queries: Queries,
  conditions: Conditions,
  { bigrams, numbers, holds }: { bigrams: readonly string[]; numbers: readonly number[]; holds: Condition },
  limit: number,
): Promise<MessageRow[]> {
  const lexemes = bigrams.map((bigram) => `'${bigram}'${isPair(bigram) ? '' : ':*'}`).join(' & ');
  const found = [
    sql`f.bigrams @@ ${lexemes}::tsquery`,
    ...(numbers.length > 0 ? [sql`f.channel in (${list(numbers)})`] : []),
    ...[sql`f.position >= ${whole(conditions.lowest)}`, sql`f.position < ${whole(conditions.highest)}`],
  ];
  const result = await sql<MessageRow>`select ${columns} from message_bigrams f join messages m on m.position = f.position
    where ${and([...found, holds])} order by f.position desc limit ${limit}`.execute(queries);
  return result.rows;
}

/**
 * The newest rows that a search without an index may look at; of one person, or with a link or a file, where that is asked for and an
 * index leads to those.
 */
function newest(queries: Queries, { scan, numbers, lowest, highest }: Conditions, query?: SearchQuery): Condition {
  const above = sql`position >= ${whole(lowest)}`;
  const below = sql`position < ${whole(highest)}`;
  const [sender] = query?.from ?? [];
  if (sender !== undefined && query?.from.length === 1)
    return sql`select * from messages where (sender, position) < (${sender}, ${whole(highest)}) and sender >= ${sender} and ${above}
      order by sender desc, position desc limit ${scan}`;
  if (numbers.length > FEW_CHANNELS) {
    const flags = [...(query?.hasLink ? [sql`has_link = 1`] : []), ...(query?.hasFile ? [sql`has_file = 1`] : [])];
    return sql`select * from messages where ${and([above, below, ...flags])} order by position desc limit ${scan}`;
  }
  const each = numbers.map(
    (number) => sql`select * from (select * from messages where ${upTo(queries, number, highest - 1)} and ${above}
      order by channel desc, position desc limit ${Math.ceil(scan / numbers.length)}) c${sql.raw(String(number))}`,
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

/** In FTS5's language, which its parts are joined in by AND. */
function phrase(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

function bigramMatch(bigram: string): string {
  return `bigrams : ${phrase(bigram)}${isPair(bigram) ? '' : ' *'}`;
}

function isPair(bigram: string): boolean {
  return [...bigram].length > 1;
}

/** One of the channels; nothing if the index need not look at channels. */
function channelMatch(numbers: readonly number[]): string[] {
  return numbers.length > 0 ? [`channel : (${numbers.map((number) => phrase(channelToken(number))).join(' OR ')})`] : [];
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
