import type { Queries } from '../database/database.ts';
import type { Change } from '../database/events.ts';
import type { ChannelDocumentsTable } from '../database/schema.ts';
import type { Channel } from '../teams/channels.ts';

/** Who may read a channel's daily documents in the team's storage: everybody, the team, or nobody, for there are none. */
export type Visibility = ChannelDocumentsTable['visibility'];

export async function findVisibility(queries: Queries, channelId: string): Promise<Visibility> {
  const row = await queries.selectFrom('channel_documents').select('visibility').where('channel_id', '=', channelId).executeTakeFirst();
  return row?.visibility ?? 'private';
}

/** The daemon moves or removes what was written before. */
export async function chooseVisibility(change: Change, channel: Channel, visibility: Visibility): Promise<void> {
  await change.queries
    .insertInto('channel_documents')
    .values({ channel_id: channel.id, visibility })
    .onConflict((conflict) => conflict.column('channel_id').doUpdateSet({ visibility }))
    .execute();
  await change.queries.updateTable('document_days').set({ is_dirty: 1 }).where('channel_id', '=', channel.id).execute();
  await announceDays(change, channel);
}

/** Has the daemon look at what was noted. */
export async function announceDays(change: Change, channel: Channel): Promise<void> {
  await change.emit({ type: 'channel-documents-changed', team: channel.teamId, channel: channel.id });
}

/** Notes that days (`2026/01/02`) have to be written. One that has no row yet is `isNew`, unless it is only to be linked. */
export async function noteDays(queries: Queries, channelId: string, days: Iterable<string>, isNew = true): Promise<void> {
  for (const day of days) {
    await queries
      .insertInto('document_days')
      .values({ channel_id: channelId, day, is_dirty: 1, is_new: isNew ? 1 : 0, place: null })
      .onConflict((conflict) => conflict.columns(['channel_id', 'day']).doUpdateSet({ is_dirty: 1 }))
      .execute();
  }
}

/** The newest day with a document, if any is written, and how many there are. */
export async function findWritten(queries: Queries, channelId: string): Promise<{ days: number; newest: string | null }> {
  const row = await queries
    .selectFrom('document_days')
    .select((select) => [select.fn.countAll().as('days'), select.fn.max('day').as('newest')])
    .where('channel_id', '=', channelId)
    .where('place', 'is not', null)
    .executeTakeFirst();
  return { days: Number(row?.days ?? 0), newest: row?.newest ?? null };
}
