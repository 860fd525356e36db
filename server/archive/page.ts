import { sql, type Expression } from 'kysely';
import { KosmosError } from '../foundation/errors.ts';
import { dialectIn, type Queries } from '../database/database.ts';
import { findNumber } from './channel-numbers.ts';
import { messageColumns, positionAt, presentMessage, spokenKinds, type Message, type MessageRow, type Reaction } from './message.ts';

export interface PageRequest {
  /** At most one of the three: a message's id or a time (ISO 8601). Without one, the newest messages. */
  readonly before?: string;
  readonly after?: string;
  readonly around?: string;
  /** 1 to 200, 50 if not given. */
  readonly limit?: number;
  /** Joins and leaves too. */
  readonly withEvents?: boolean;
}

export interface Page {
  /** Oldest first. */
  readonly messages: readonly Message[];
  readonly hasBefore: boolean;
  readonly hasAfter: boolean;
}

const DEFAULT_LIMIT = 50;
export const LARGEST_PAGE = 200;

/**
 * A page of a channel's messages. `before` and `after` leave the message they name out, `around` has it in the middle.
 * Throws KOSMOS_ERR_MESSAGE_NOT_FOUND where they name none. Whether the reader may see the channel is asked before.
 */
export async function findMessages(queries: Queries, channel: { readonly id: string }, request: PageRequest): Promise<Page> {
  const number = await findNumber(queries, channel.id);
  const cursor = request.before ?? request.after ?? request.around;
  const position = await positionOf(queries, number, cursor);
  if (number === undefined) return { messages: [], hasBefore: false, hasAfter: false };
  const limit = Math.min(Math.max(Math.trunc(request.limit ?? DEFAULT_LIMIT), 1), LARGEST_PAGE);
  const range = { number, withEvents: request.withEvents ?? false };
  const [rows, hasBefore, hasAfter] = await readPage(queries, range, request, position, limit);
  const reactions = await findReactions(queries, rows);
  const messages = rows.map((row) => presentMessage(row, channel.id, reactions.get(keyOf(row)) ?? []));
  return { messages, hasBefore, hasAfter };
}

interface Range {
  readonly number: number;
  readonly withEvents: boolean;
}

type Rows = [MessageRow[], hasBefore: boolean, hasAfter: boolean];

async function readPage(queries: Queries, range: Range, request: PageRequest, position: number, limit: number): Promise<Rows> {
  if (request.after !== undefined) {
    const [rows, more] = cut(await newer(queries, range, position + 1, limit), limit);
    return [rows, (await older(queries, range, position + 1, 1)).length > 0, more];
  }
  if (request.around !== undefined) {
    const half = Math.floor(limit / 2);
    const [before, moreBefore] = cut(await older(queries, range, position, half), half);
    const [after, moreAfter] = cut(await newer(queries, range, position, limit - half), limit - half);
    return [[...before.reverse(), ...after], moreBefore, moreAfter];
  }
  const [rows, more] = cut(await older(queries, range, position, limit), limit);
  const hasAfter = request.before !== undefined && (await newer(queries, range, position, 1)).length > 0;
  return [rows.reverse(), more, hasAfter];
}

/** One row more is read than asked for: whether it was there says whether there are more. */
function cut(rows: MessageRow[], limit: number): [MessageRow[], boolean] {
  return [rows.slice(0, limit), rows.length > limit];
}

/** Below `position`, newest first. */
function older(queries: Queries, range: Range, position: number, limit: number): Promise<MessageRow[]> {
  return kindsOf(
    queries
      .selectFrom('messages')
      .select(messageColumns)
      .where(upTo(queries, range.number, position - 1)),
    range,
  )
    .orderBy('channel', 'desc')
    .orderBy('position', 'desc')
    .limit(limit + 1)
    .execute();
}

/** From `position` on, oldest first. */
function newer(queries: Queries, range: Range, position: number, limit: number): Promise<MessageRow[]> {
  const [channel, from] = [sql.lit(range.number), sql.lit(position)];
  const above =
    dialectIn(queries) === 'postgres'
      ? sql<boolean>`(channel, position) >= (${channel}, ${from}) and channel <= ${channel}`
      : sql<boolean>`channel = ${channel} and position >= ${from}`;
  return kindsOf(queries.selectFrom('messages').select(messageColumns).where(above), range)
    .orderBy('channel')
    .orderBy('position')
    .limit(limit + 1)
    .execute();
}

/**
 * Of that channel, up to `position`; to be ordered by channel and position. Asked for `channel = …` in the order of positions,
 * PostgreSQL may walk everybody's messages and leave those of other channels out, for it takes channels to be mixed evenly; this way one
 * index fits, and no other. SQLite in turn would not use the position of such a pair.
 */
export function upTo(queries: Queries, number: number | Expression<number>, position: number | Expression<number>) {
  const [channel, to] = [number, position].map((one) => (typeof one === 'number' ? sql.lit(one) : one));
  return dialectIn(queries) === 'postgres'
    ? sql<boolean>`(channel, position) <= (${channel}, ${to}) and channel >= ${channel}`
    : sql<boolean>`channel = ${channel} and position <= ${to}`;
}

function kindsOf<T extends { where(column: 'kind', operator: 'in', kinds: MessageRow['kind'][]): T }>(query: T, { withEvents }: Range): T {
  return withEvents ? query : query.where('kind', 'in', [...spokenKinds, 'topic']);
}

/** Of the message that `cursor` names, or of the moment; after everything without one. */
async function positionOf(queries: Queries, number: number | undefined, cursor: string | undefined): Promise<number> {
  if (cursor === undefined) return Number.MAX_SAFE_INTEGER;
  if (/^\d{4}-\d\d-\d\d(T[\d:.]+Z)?$/.test(cursor)) return positionAt(Date.parse(cursor)) || 0;
  const row =
    number !== undefined &&
    (await queries
      .selectFrom('messages')
      .select('position')
      .where('channel', '=', number)
      .where('server_id', '=', cursor)
      .executeTakeFirst());
  if (!row) throw new KosmosError('KOSMOS_ERR_MESSAGE_NOT_FOUND');
  return row.position;
}

export function keyOf({ channel, server_id }: Pick<MessageRow, 'channel' | 'server_id'>): string {
  return `${channel} ${server_id}`;
}

/** Of each message by `keyOf`, in the order in which people first reacted. */
export async function findReactions(queries: Queries, rows: readonly MessageRow[]): Promise<Map<string, Reaction[]>> {
  const found = new Map<string, Map<string, string[]>>();
  if (rows.length === 0) return new Map();
  const reactions = await queries
    .selectFrom('reactions')
    .select(['channel', 'target', 'emoji', 'nick'])
    .where('channel', 'in', [...new Set(rows.map(({ channel }) => channel))])
    .where(
      'target',
      'in',
      rows.map(({ server_id }) => server_id),
    )
    .orderBy('at')
    .orderBy('emoji')
    .execute();
  for (const { channel, target, emoji, nick } of reactions) {
    const key = keyOf({ channel, server_id: target });
    const emojis = found.get(key) ?? new Map<string, string[]>();
    found.set(key, emojis.set(emoji, [...(emojis.get(emoji) ?? []), nick]));
  }
  return new Map([...found].map(([key, emojis]) => [key, [...emojis].map(([emoji, nicks]) => ({ emoji, nicks }))]));
}
