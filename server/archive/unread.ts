import { sql } from 'kysely';
import type { Queries } from '../database/database.ts';
import type { Change } from '../database/events.ts';
import type { AttentionLevelsTable } from '../database/schema.ts';
import type { Account } from '../identity/accounts.ts';
import { findReadableChannels } from '../teams/access.ts';
import type { Channel } from '../teams/channels.ts';
import { findNumber } from './channel-numbers.ts';
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
  return Promise.all(channels.map((channel) => findUnreadIn(queries, account, channel)));
}

type Place = Pick<Channel, 'id' | 'teamId' | 'name'> & { readonly teamSlug: string };

/** What came before somebody joined the team counts as read. */
async function findUnreadIn(queries: Queries, account: Account, channel: Place): Promise<Unread> {
  const number = await findNumber(queries, channel.id);
  const state = await findState(queries, account, channel);
  const { mentions, level } = state;
  const nothing = { channel: channel.id, channelName: channel.name, team: channel.teamSlug, unread: 0, mentions, level };
  if (number === undefined) return { ...nothing, lastRead: null, readUntil: null };
  const newer = queries
    .selectFrom('messages')
    .select('position')
    .where('channel', '=', number)
    .where('position', '>', state.position)
    .where('kind', 'in', spokenKinds)
    .where('deleted_at', 'is', null)
    .where('sender', '!=', account.name)
    .limit(MOST_COUNTED);
  const count = await queries
    .selectFrom(newer.as('newer'))
    .select((select) => select.fn.countAll().as('count'))
    .executeTakeFirstOrThrow();
  const read = state.isMarked ? await findNewest(queries, number, state.position) : undefined;
  const readUntil = read ? new Date(Math.max(timeOf(state.position), Date.parse(read.sentAt))).toISOString() : null;
  return { ...nothing, unread: Number(count.count), lastRead: read?.id ?? null, readUntil };
}

async function findState(queries: Queries, account: Account, { id, teamId }: { id: string; teamId: string }) {
  const own = { account_id: account.id, channel_id: id };
  const marker = await queries.selectFrom('read_markers').select('position').where(both(own)).executeTakeFirst();
  const level = await queries.selectFrom('attention_levels').select('level').where(both(own)).executeTakeFirst();
  const mentions = await countMentions(queries, account.id, id);
  const joined = marker
    ? undefined
    : await queries
        .selectFrom('members')
        .select('joined_at')
        .where('account_id', '=', account.id)
        .where('team_id', '=', teamId)
        .executeTakeFirst();
  return {
    isMarked: marker !== undefined,
    position: marker?.position ?? (joined ? positionAt(Date.parse(joined.joined_at)) : 0),
    level: level?.level ?? ('mentions' as const),
    mentions,
  };
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
    .where('channel', '=', number)
    .where('position', '<=', position)
    .where('kind', 'in', spokenKinds)
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
