import type { Database, Queries } from '../database/database.ts';

/** The archive's number of a channel, made if it has none. */
export async function ensureNumber(queries: Queries, channelId: string): Promise<number> {
  const known = await findNumber(queries, channelId);
  if (known !== undefined) return known;
  await queries
    .insertInto('archive_channels')
    .values({ channel_id: channelId })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return (await findNumber(queries, channelId)) as number;
}

export async function findNumber(queries: Queries, channelId: string): Promise<number | undefined> {
  const row = await queries.selectFrom('archive_channels').select('number').where('channel_id', '=', channelId).executeTakeFirst();
  return row?.number;
}

/** Number to id, of those channels that have anything archived. */
export async function findNumbers(queries: Queries, channelIds: readonly string[]): Promise<Map<number, string>> {
  if (channelIds.length === 0) return new Map();
  const rows = await queries.selectFrom('archive_channels').selectAll().where('channel_id', 'in', channelIds).execute();
  return new Map(rows.map((row) => [row.number, row.channel_id]));
}

/** The numbers of a team's channels, for a query about all of them. */
export function numbersOfTeam(queries: Queries, teamId: string) {
  return queries
    .selectFrom('archive_channels')
    .innerJoin('channels', 'channels.id', 'archive_channels.channel_id')
    .select('number')
    .where('team_id', '=', teamId);
}

const PURGE_BATCH = 2_000;

/** Removes all that the archive has of a channel that is gone, in steps that hold no lock for long. */
export async function purgeChannel(database: Database, channelId: string): Promise<void> {
  const number = await findNumber(database, channelId);
  if (number === undefined) return;
  for (let removed = PURGE_BATCH; removed === PURGE_BATCH;) {
    const some = database.selectFrom('messages').select('position').where('channel', '=', number).limit(PURGE_BATCH);
    const result = await database.deleteFrom('messages').where('position', 'in', some).executeTakeFirst();
    removed = Number(result.numDeletedRows);
  }
  await database.deleteFrom('reactions').where('channel', '=', number).execute();
  await database.deleteFrom('amendments').where('channel', '=', number).execute();
  await database.deleteFrom('archive_channels').where('number', '=', number).execute();
}
