import { sql } from 'kysely';
import type { Queries } from '../database/database.ts';
import type { Change } from '../database/events.ts';
import type { AttentionLevelsTable } from '../database/schema.ts';
import type { Account } from '../identity/accounts.ts';
import { findReadableChannels } from '../teams/access.ts';
import type { Channel } from '../teams/channels.ts';
import { findNumber } from './channel-numbers.ts';
import { upTo as before } from './page.ts';
import { positionAt, spokenKinds, timeOf } from './message.ts';

/** For what a member wants to be told of a channel. */
export type Level = AttentionLevelsTable['level'];

export interface Unread {
  /** Id of the channel. */
  readonly channel: string;
  readonly channelName: string;
  /** Slug of the team. */
  readonly team: string;
  /** Messages of others since the marker; counted up to 1,000. */
  readonly unread: number;
  readonly mentions: number;
  readonly level: Level;
  /** Id of the newest message read; null if none was ever marked. */
  readonly lastRead: string | null;
  /** Up to when everything is read: when that message was sent, or the later moment that was marked. Null likewise. */
  readonly readUntil: string | null;
}

const MOST_COUNTED = 1_000;

/** How it stands in each channel that the account may enter. */
export async function findUnread(queries: Queries, account: Account): Promise<Unread[]> {
  const channels = await findReadableChannels(queries, account);
  const states = await findStates(queries, account);
  const places = channels.flatMap(({ id }) => placeOf(states.get(id)));
  const counts = await countAfter(queries, account, places);
  return channels.map((channel) => {
    const state = states.get(channel.id);
    const count = counts.get(state?.number ?? Number.NaN);
    const read = state?.marker != null && count?.read_id ? { id: count.read_id, sentAt: count.read_at } : undefined;
    const readUntil = read ? new Date(Math.max(timeOf(state?.marker ?? 0), Date.parse(read.sentAt))).toISOString() : null;
    return {
      ...{ channel: channel.id, channelName: channel.name, team: channel.teamSlug, unread: Number(count?.unread ?? 0) },
      ...{ mentions: Number(state?.mentions ?? 0), level: state?.level ?? 'mentions', lastRead: read?.id ?? null, readUntil },
    };
  });
}

interface State {
  readonly id: string;
  /** The archive's of the channel. */
  readonly number: number | null;
  readonly marker: number | null;
  readonly level: Level | null;
  readonly mentions: number;
  readonly joined_at: string;
}

/** Of every channel of the account's teams, by its id. */
async function findStates(queries: Queries, account: Account): Promise<Map<string, State>> {
  const own = (table: string) => sql`${sql.table(table)}.account_id = ${account.id} and ${sql.table(table)}.channel_id = channels.id`;
  const { rows } = await sql<State>`select channels.id, archive_channels.number, members.joined_at,
      read_markers.position as marker, attention_levels.level,
      (select count(*) from mentions where ${own('mentions')}) as mentions
    from channels join members on members.team_id = channels.team_id and members.account_id = ${account.id}
    left join archive_channels on archive_channels.channel_id = channels.id
    left join read_markers on ${own('read_markers')}
    left join attention_levels on ${own('attention_levels')}`.execute(queries);
  return new Map(rows.map((row) => [row.id, row]));
}

interface Place {
  readonly number: number;
  readonly position: number;
}

/** What came before somebody joined the team counts as read. */
function placeOf(state: State | undefined): Place[] {
  if (!state || state.number === null) return [];
  return [{ number: state.number, position: state.marker ?? positionAt(Date.parse(state.joined_at)) }];
}

interface Count {
  readonly number: number;
  readonly unread: number;
  /** The newest message at the place or before it. */
  readonly read_id: string | null;
  readonly read_at: string;
}

async function countAfter(queries: Queries, account: Account, places: readonly Place[]): Promise<Map<number, Count>> {
  if (places.length === 0) return new Map();
  const values = sql.raw(places.map(({ number, position }) => `(${number}, ${position})`).join(', '));
  const spoken = sql`m.kind in (${sql.join(spokenKinds.map((kind) => sql.lit(kind)))})`;
  const { rows } = await sql<Count>`with places (number, position) as (values ${values})
    select places.number, newest.server_id as read_id, newest.sent_at as read_at,
      (select count(*) from (select 1 from messages m where m.channel = places.number and m.position > places.position
        and ${spoken} and m.deleted_at is null and m.sender <> ${account.name} limit ${sql.lit(MOST_COUNTED)}) newer) as unread
    from places left join messages newest on newest.position = (
      select m.position from messages m where ${before(queries, sql.ref('places.number'), sql.ref('places.position'))}
        and ${spoken} order by m.channel desc, m.position desc limit 1)`.execute(queries);
  return new Map(rows.map((row) => [row.number, row]));
}

/** Mentions of the account that it has not read. */
export async function countMentions(queries: Queries, accountId: string, channelId: string): Promise<number> {
  const row = await queries
    .selectFrom('mentions')
    .select((select) => select.fn.countAll().as('count'))
    .where(both({ account_id: accountId, channel_id: channelId }))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Of one account in one channel; both columns have the same names in every table of this page. */
function both(own: { account_id: string; channel_id: string }) {
  return sql<boolean>`account_id = ${own.account_id} and channel_id = ${own.channel_id}`;
}

/** Who has read something. */
export type Reader = Pick<Account, 'id' | 'name'>;

/**
 * Marks a channel as read up to a message (its id) or a moment (ISO 8601, not after now); a marker never goes back. Mentions up to
 * there are done with, and `marker-moved` tells of it. False if there is no such message or the marker was there already.
 */
export async function moveMarker(change: Change, reader: Reader, channel: Channel, upTo: string): Promise<boolean> {
  const { queries } = change;
  const own = { account_id: reader.id, channel_id: channel.id };
  const found = await findMark(queries, channel.id, upTo);
  if (!found) return false;
  const result = await queries
    .insertInto('read_markers')
    .values({ ...own, position: found.position })
    .onConflict((conflict) =>
      conflict
        .columns(['account_id', 'channel_id'])
        .doUpdateSet({ position: found.position })
        .where('read_markers.position', '<', found.position),
    )
    .executeTakeFirst();
  if (Number(result.numInsertedOrUpdatedRows) === 0) return false;
  await queries.deleteFrom('mentions').where(both(own)).where('position', '<=', found.position).execute();
  const { teamId: team, home, address } = channel;
  const { id: message, sentAt } = found.newest;
  await change.emit({
    ...{ type: 'marker-moved', team, channel: channel.id, home, address },
    ...{ account: reader.id, name: reader.name, message, sentAt },
  });
  return true;
}

/** Up to which message the account has read a channel; undefined if it never was marked, or nothing was said up to there. */
export async function findMarker(queries: Queries, reader: Reader, channelId: string): Promise<Mark['newest'] | undefined> {
  const number = await findNumber(queries, channelId);
  const own = { account_id: reader.id, channel_id: channelId };
  const marker = await queries.selectFrom('read_markers').select('position').where(both(own)).executeTakeFirst();
  return number === undefined || !marker ? undefined : findNewest(queries, number, marker.position);
}

interface Mark {
  readonly position: number;
  readonly newest: { readonly id: string; readonly sentAt: string };
}

/** None where the channel has no such message, or nothing yet that could have been read. */
async function findMark(queries: Queries, channelId: string, upTo: string): Promise<Mark | undefined> {
  const number = await findNumber(queries, channelId);
  if (number === undefined) return undefined;
  if (isTime(upTo)) {
    // All of that millisecond: a message of it that is archived a moment later is read as well.
    const position = positionAt(Math.min(Date.parse(upTo), Date.now()) + 1) - 1;
    const newest = await findNewest(queries, number, position);
    return newest && { position, newest };
  }
  const row = await queries
    .selectFrom('messages')
    .select(['position', 'sent_at'])
    .where('channel', '=', number)
    .where('server_id', '=', upTo)
    .executeTakeFirst();
  return row && { position: row.position, newest: { id: upTo, sentAt: row.sent_at } };
}

export function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text));
}

export async function hasMessage(queries: Queries, channelId: string, id: string): Promise<boolean> {
  return (await findMark(queries, channelId, id)) !== undefined;
}

/** The newest thing that was said at a position or before it. */
async function findNewest(queries: Queries, number: number, position: number): Promise<{ id: string; sentAt: string } | undefined> {
  const row = await queries
    .selectFrom('messages')
    .select(['server_id', 'sent_at'])
    .where(before(queries, number, position))
    .where('kind', 'in', spokenKinds)
    .orderBy('channel', 'desc')
    .orderBy('position', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && { id: row.server_id, sentAt: row.sent_at };
}

/** Whether the account has read a message. */
export async function hasRead(queries: Queries, accountId: string, channelId: string, position: number): Promise<boolean> {
  const row = await queries
    .selectFrom('read_markers')
    .select('position')
    .where(both({ account_id: accountId, channel_id: channelId }))
    .executeTakeFirst();
  return row !== undefined && row.position >= position;
}

export async function addMentions(
  queries: Queries,
  channelId: string,
  mentions: readonly { readonly accountId: string; readonly position: number }[],
): Promise<void> {
  if (mentions.length === 0) return;
  await queries
    .insertInto('mentions')
    .values(mentions.map(({ accountId, position }) => ({ account_id: accountId, channel_id: channelId, position })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function setLevel(queries: Queries, accountId: string, channelId: string, level: Level): Promise<void> {
  await queries
    .insertInto('attention_levels')
    .values({ account_id: accountId, channel_id: channelId, level })
    .onConflict((conflict) => conflict.columns(['account_id', 'channel_id']).doUpdateSet({ level }))
    .execute();
}

/** Levels that differ from `mentions`, by account. */
export async function findLevels(queries: Queries, channelId: string): Promise<Map<string, Level>> {
  const rows = await queries.selectFrom('attention_levels').selectAll().where('channel_id', '=', channelId).execute();
  return new Map(rows.map(({ account_id, level }) => [account_id, level]));
}
