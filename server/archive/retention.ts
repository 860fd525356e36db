import type { Database, Queries } from '../database/database.ts';
import type { Team } from '../teams/teams.ts';
import { numbersOfTeam } from './channel-numbers.ts';
import { dayOf } from './chat-messages.ts';
import { positionAt } from './message.ts';

const DAY = 24 * 3_600_000;
const BATCH = 2_000;

/** How many messages of a team are older than so many days. */
export async function countOlder(queries: Queries, team: Pick<Team, 'id'>, days: number, now = Date.now()): Promise<number> {
  const row = await queries
    .selectFrom('messages')
    .select((select) => select.fn.countAll().as('count'))
    .where('position', '<', positionAt(now - days * DAY))
    .where('channel', 'in', numbersOfTeam(queries, team.id))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/**
 * Removes messages of a team that are older than so many days, with their edits and reactions, in steps that hold no lock for long;
 * their days' documents are written anew. Returns how many went.
 */
export async function removeOlder(database: Database, team: Pick<Team, 'id'>, days: number, now = Date.now()): Promise<number> {
  const before = positionAt(now - days * DAY);
  let total = 0;
  for (let removed = BATCH; removed === BATCH; total += removed) removed = await removeSome(database, team, before);
  return total;
}

function removeSome(database: Database, team: Pick<Team, 'id'>, before: number): Promise<number> {
  return database.transaction().execute(async (queries) => {
    const rows = await queries
      .selectFrom('messages')
      .innerJoin('archive_channels', 'archive_channels.number', 'messages.channel')
      .select(['position', 'channel', 'server_id', 'sent_at', 'channel_id'])
      .where('position', '<', before)
      .where('channel', 'in', numbersOfTeam(queries, team.id))
      .orderBy('position')
      .limit(BATCH)
      .execute();
    if (rows.length === 0) return 0;
    for (const channel of new Set(rows.map((row) => row.channel))) {
      const targets = rows.filter((row) => row.channel === channel).map(({ server_id }) => server_id);
      for (const table of ['reactions', 'amendments'] as const)
        await queries.deleteFrom(table).where('channel', '=', channel).where('target', 'in', targets).execute();
    }
    const positions = rows.map(({ position }) => position);
    await queries.deleteFrom('messages').where('position', 'in', positions).execute();
    for (const key of new Set(rows.map(({ channel_id, sent_at }) => `${channel_id} ${dayOf(sent_at)}`))) {
      const [channel = '', day = ''] = key.split(' ');
      const ofDay = queries.updateTable('document_days').set({ is_dirty: 1 }).where('channel_id', '=', channel).where('day', '=', day);
      await ofDay.execute();
    }
    return rows.length;
  });
}
