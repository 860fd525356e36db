import { sql } from 'kysely';
import type { Queries } from '../database/database.ts';
import { likePattern } from '../teams/acts.ts';
import { presentChannelRow, type Channel } from '../teams/channels.ts';
import type { TablePart } from '../teams/people-table.ts';
import { presentTeamRow, type Team } from '../teams/teams.ts';
import { spokenKinds, timeOf } from './message.ts';

export interface ChannelTableRow extends Channel {
  /** Who may enter. */
  readonly members: number;
  readonly messages: number;
  readonly lastMessageAt: string | null;
}

export interface TeamTableRow extends Team {
  readonly members: number;
  readonly channels: number;
  readonly messages: number;
}

export const channelColumns = ['name', 'createdAt', 'members', 'messages', 'lastMessageAt'] as const;
export const teamColumns = ['name', 'createdAt', 'members', 'channels'] as const;

const spoken = sql.join(spokenKinds.map((kind) => sql.lit(kind)));
const said = sql`select position from messages join archive_channels numbers on numbers.number = messages.channel
  where numbers.channel_id = channels.id and kind in (${spoken})`;
const messages = sql<number>`(select count(*) from (${said}) said)`;
const last = sql<number | null>`(select max(position) from (${said}) said)`;
/** As `findAllowed` has it. */
const allowed = sql<number>`(select count(*) from members join accounts on accounts.id = members.account_id
  where members.team_id = channels.team_id and accounts.disabled_at is null
  and ((channels.is_private = 0 and members.role <> 'guest') or exists (select 1 from channel_members opened
    where opened.channel_id = channels.id and opened.account_id = members.account_id)))`;

const channelOrders = {
  name: sql`channels.name`,
  createdAt: sql`channels.created_at`,
  members: allowed,
  messages,
  lastMessageAt: sql`coalesce(${last}, 0)`,
};

/** Of one team, archived ones too. */
export async function findChannelTable(
  queries: Queries,
  team: Pick<Team, 'id'>,
  kind: 'public' | 'private' | 'archived' | undefined,
  part: TablePart<(typeof channelColumns)[number]>,
): Promise<{ channels: ChannelTableRow[]; total: number }> {
  let query = queries.selectFrom('channels').where('team_id', '=', team.id);
  if (kind !== undefined) query = query.where('archived_at', kind === 'archived' ? 'is not' : 'is', null);
  if (kind === 'public' || kind === 'private') query = query.where('is_private', '=', kind === 'private' ? 1 : 0);
  if (part.search) {
    const pattern = likePattern(part.search);
    query = query.where(sql<boolean>`(name like ${pattern} escape '!' or lower(topic) like ${pattern} escape '!')`);
  }
  const { count } = await query.select((select) => select.fn.countAll().as('count')).executeTakeFirstOrThrow();
  const rows = await query
    .selectAll('channels')
    .select([allowed.as('members'), messages.as('messages'), last.as('last')])
    .orderBy(channelOrders[part.sort ?? 'name'], part.order ?? 'asc')
    .orderBy('channels.id')
    .limit(part.limit)
    .offset(part.offset)
    .execute();
  const channels = rows.map((row) => ({
    ...{ ...presentChannelRow(row), members: Number(row.members), messages: Number(row.messages) },
    lastMessageAt: row.last === null ? null : new Date(timeOf(Number(row.last))).toISOString(),
  }));
  return { channels, total: Number(count) };
}

const members = sql<number>`(select count(*) from members where members.team_id = teams.id)`;
const channelsOf = sql<number>`(select count(*) from channels where channels.team_id = teams.id and channels.archived_at is null)`;
const messagesOf = sql<number>`(select count(*) from messages join archive_channels numbers on numbers.number = messages.channel
  join channels on channels.id = numbers.channel_id
  where channels.team_id = teams.id and messages.kind in (${spoken}))`;
const teamOrders = { name: sql`lower(teams.name)`, createdAt: sql`teams.created_at`, members, channels: channelsOf };

/** Of `ids`, or all. */
export async function findTeamTable(
  queries: Queries,
  ids: readonly string[] | undefined,
  part: TablePart<(typeof teamColumns)[number]>,
): Promise<{ teams: TeamTableRow[]; total: number }> {
  let query = queries.selectFrom('teams');
  if (ids !== undefined) query = query.where('id', 'in', ids.length > 0 ? ids : ['']);
  if (part.search) {
    const pattern = likePattern(part.search);
    query = query.where(sql<boolean>`(lower(name) like ${pattern} escape '!' or slug like ${pattern} escape '!')`);
  }
  const { count } = await query.select((select) => select.fn.countAll().as('count')).executeTakeFirstOrThrow();
  const rows = await query
    .selectAll('teams')
    .select([members.as('members'), channelsOf.as('channels'), messagesOf.as('messages')])
    .orderBy(teamOrders[part.sort ?? 'name'], part.order ?? 'asc')
    .orderBy('teams.id')
    .limit(part.limit)
    .offset(part.offset)
    .execute();
  const teams = rows.map((row) => ({
    ...{ ...presentTeamRow(row), members: Number(row.members), channels: Number(row.channels), messages: Number(row.messages) },
  }));
  return { teams, total: Number(count) };
}
