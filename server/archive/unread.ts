import { sql } from 'kysely';
import type { Database, Queries } from '../database/database.ts';
import type { AttentionLevelsTable } from '../database/schema.ts';
import type { Account } from '../identity/accounts.ts';
import { findReadableChannels } from '../teams/access.ts';
import { findNumber } from './channel-numbers.ts';
import { positionAt, spokenKinds } from './message.ts';

/** For what a member wants to be told of a channel. */
export type Level = AttentionLevelsTable['level'];

export interface Unread {
  /** Id of the channel. */
  readonly channel: string;
  /** Messages of others since the marker; counted up to 1,000. */
  readonly unread: number;
  readonly mentions: number;
  readonly level: Level;
  /** Id of the newest message read; null if none was ever marked. */
  readonly lastRead: string | null;
}

const MOST_COUNTED = 1_000;

/** How it stands in each channel that the account may enter. */
export async function findUnread(queries: Queries, account: Account): Promise<Unread[]> {
  const channels = await findReadableChannels(queries, account);
  return Promise.all(channels.map((channel) => findUnreadIn(queries, account, channel)));
}

/** What came before somebody joined the team counts as read. */
async function findUnreadIn(queries: Queries, account: Account, channel: { id: string; teamId: string }): Promise<Unread> {
  const number = await findNumber(queries, channel.id);
  const state = await findState(queries, account, channel);
  const nothing = { channel: channel.id, unread: 0, mentions: state.mentions, level: state.level, lastRead: null };
  if (number === undefined) return nothing;
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
  const read = await queries
    .selectFrom('messages')
    .select('server_id')
    .where('channel', '=', number)
    .where('position', '=', state.position)
    .executeTakeFirst();
  return { ...nothing, unread: Number(count.count), lastRead: read?.server_id ?? null };
}

async function findState(queries: Queries, account: Account, { id, teamId }: { id: string; teamId: string }) {
  const own = { account_id: account.id, channel_id: id };
  const marker = await queries.selectFrom('read_markers').select('position').where(both(own)).executeTakeFirst();
  const level = await queries.selectFrom('attention_levels').select('level').where(both(own)).executeTakeFirst();
  const mentions = await queries
    .selectFrom('mentions')
    .select((select) => select.fn.countAll().as('count'))
    .where(both(own))
    .executeTakeFirstOrThrow();
  const joined = marker
    ? undefined
    : await queries
        .selectFrom('members')
        .select('joined_at')
        .where('account_id', '=', account.id)
        .where('team_id', '=', teamId)
        .executeTakeFirst();
  return {
    position: marker?.position ?? (joined ? positionAt(Date.parse(joined.joined_at)) : 0),
    level: level?.level ?? ('mentions' as const),
    mentions: Number(mentions.count),
  };
}

/** Of one account in one channel; both columns have the same names in every table of this page. */
function both(own: { account_id: string; channel_id: string }) {
  return sql<boolean>`account_id = ${own.account_id} and channel_id = ${own.channel_id}`;
}

/**
 * Marks a channel as read up to a message (its id) or a moment (ISO 8601); a marker never goes back. Mentions up to there are done with.
 * False if there is no such message or the marker was there already.
 */
export async function moveMarker(database: Database, accountId: string, channelId: string, upTo: string): Promise<boolean> {
  const position = await findPosition(database, channelId, upTo);
  if (position === undefined) return false;
  return database.transaction().execute(async (queries) => {
    const result = await queries
      .insertInto('read_markers')
      .values({ account_id: accountId, channel_id: channelId, position })
      .onConflict((conflict) =>
        conflict.columns(['account_id', 'channel_id']).doUpdateSet({ position }).where('read_markers.position', '<', position),
      )
      .executeTakeFirst();
    if (Number(result.numInsertedOrUpdatedRows) === 0) return false;
    await queries
      .deleteFrom('mentions')
      .where('account_id', '=', accountId)
      .where('channel_id', '=', channelId)
      .where('position', '<=', position)
      .execute();
    return true;
  });
}

async function findPosition(queries: Queries, channelId: string, upTo: string): Promise<number | undefined> {
  const number = await findNumber(queries, channelId);
  if (number === undefined) return undefined;
  const messages = queries.selectFrom('messages').select('position').where('channel', '=', number);
  if (/^\d{4}-\d\d-\d\dT/.test(upTo)) {
    const end = positionAt(Date.parse(upTo) + 1);
    return (await messages.where('position', '<', end).orderBy('position', 'desc').limit(1).executeTakeFirst())?.position;
  }
  return (await messages.where('server_id', '=', upTo).executeTakeFirst())?.position;
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
