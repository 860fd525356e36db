import { timestamp, type Queries } from '../database/database.ts';
import type { Change } from '../database/events.ts';
import type { Role } from '../database/schema.ts';
import type { Account } from '../identity/accounts.ts';
import { findChannels, type Channel } from './channels.ts';
import type { Member } from './members.ts';
import { findTeamsOf, type Team } from './teams.ts';

/** An account that may be in a channel, with its role in the team. */
export interface Occupant {
  readonly accountId: string;
  readonly name: string;
  readonly role: Role;
}

/**
 * Who may enter a channel, by name: every member of the team but guests where it is public, and those it was opened to
 * (members of a private channel, guests of a public one). Disabled accounts are left out.
 */
export async function findAllowed(queries: Queries, channel: Channel): Promise<Occupant[]> {
  return queries
    .selectFrom('members')
    .innerJoin('accounts', 'accounts.id', 'members.account_id')
    .leftJoin('channel_members', (join) =>
      join.onRef('channel_members.account_id', '=', 'members.account_id').on('channel_members.channel_id', '=', channel.id),
    )
    .select(['accounts.id as accountId', 'accounts.name', 'members.role'])
    .where('members.team_id', '=', channel.teamId)
    .where('accounts.disabled_at', 'is', null)
    .where((where) =>
      where.or([where('channel_members.account_id', 'is not', null), ...(channel.isPrivate ? [] : [where('members.role', '!=', 'guest')])]),
    )
    .orderBy('accounts.name')
    .execute();
}

/** The channels of a team that an account may enter. */
export async function findChannelsFor(queries: Queries, team: Team, account: Account, role: Role | undefined): Promise<Channel[]> {
  const channels = await findChannels(queries, team);
  if (role === undefined) return [];
  const rows = await queries.selectFrom('channel_members').select('channel_id').where('account_id', '=', account.id).execute();
  const opened = new Set(rows.map((row) => row.channel_id));
  return channels.filter((channel) => opened.has(channel.id) || (!channel.isPrivate && role !== 'guest'));
}

/** Every channel that an account may enter, of all its teams, with the team's slug. */
export async function findReadableChannels(queries: Queries, account: Account): Promise<(Channel & { teamSlug: string })[]> {
  const teams = await findTeamsOf(queries, account);
  const perTeam = teams.map(async (team) =>
    (await findChannelsFor(queries, team, account, team.role)).map((channel) => ({ ...channel, teamSlug: team.slug })),
  );
  return (await Promise.all(perTeam)).flat();
}

/** Opens a channel to a member of its team. Idempotent. */
export async function addToChannel(change: Change, channel: Channel, member: Pick<Member, 'accountId' | 'name'>): Promise<void> {
  const row = { channel_id: channel.id, account_id: member.accountId, added_at: timestamp() };
  const result = await change.queries
    .insertInto('channel_members')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (Number(result.numInsertedOrUpdatedRows) === 0) return;
  const { teamId: team, id } = channel;
  await change.emit({ type: 'channel-member-added', team, channel: id, account: member.accountId, name: member.name });
}

/** Idempotent. In a public channel a member keeps what every member of the team has. */
export async function removeFromChannel(change: Change, channel: Channel, member: Pick<Member, 'accountId' | 'name'>): Promise<void> {
  const result = await change.queries
    .deleteFrom('channel_members')
    .where('channel_id', '=', channel.id)
    .where('account_id', '=', member.accountId)
    .executeTakeFirst();
  if (Number(result.numDeletedRows) === 0) return;
  const { teamId: team, id } = channel;
  await change.emit({ type: 'channel-member-removed', team, channel: id, account: member.accountId, name: member.name });
}
