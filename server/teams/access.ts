import { sql } from 'kysely';
import { timestamp, type Queries } from '../database/database.ts';
import type { Change } from '../database/events.ts';
import type { Home, Role } from '../database/schema.ts';
import type { Account } from '../identity/accounts.ts';
import { findChannels, presentChannelRow, type Channel } from './channels.ts';
import { addMember, type Member } from './members.ts';
import type { Team } from './teams.ts';

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
  const rows = await allowed(queries).where('channels.id', '=', channel.id).execute();
  return rows.map(({ accountId, name, role }) => ({ accountId, name, role }));
}

/** The same for every channel with that home at once, by the channel's id; of one account only, if it is named. */
export async function findAllowedOnServer(queries: Queries, home: Home, account?: string): Promise<Map<string, Occupant[]>> {
  let query = allowed(queries).where('channels.home', '=', home);
  if (account !== undefined) query = query.where('accounts.name', '=', account);
  const found = new Map<string, Occupant[]>();
  for (const { channel, ...occupant } of await query.execute()) {
    const occupants = found.get(channel);
    if (occupants) occupants.push(occupant);
    else found.set(channel, [occupant]);
  }
  return found;
}

function allowed(queries: Queries) {
  return queries
    .selectFrom('channels')
    .innerJoin('members', 'members.team_id', 'channels.team_id')
    .innerJoin('accounts', 'accounts.id', 'members.account_id')
    .leftJoin('channel_members', (join) =>
      join.onRef('channel_members.account_id', '=', 'members.account_id').onRef('channel_members.channel_id', '=', 'channels.id'),
    )
    .select(['channels.id as channel', 'accounts.id as accountId', 'accounts.name', 'members.role'])
    .where('accounts.disabled_at', 'is', null)
    .where(mayEnter)
    .orderBy('accounts.name');
}

/** Whom the channel was opened to, and where it is public every member of the team but guests. */
const mayEnter = sql<boolean>`(channel_members.account_id is not null or (channels.is_private = 0 and members.role <> 'guest'))`;

/** The channels of a team that an account may enter, or read where they are archived. */
export async function findChannelsFor(queries: Queries, team: Team, account: Account, role: Role | undefined): Promise<Channel[]> {
  const channels = await findChannels(queries, team);
  if (role === undefined) return [];
  const rows = await queries.selectFrom('channel_members').select('channel_id').where('account_id', '=', account.id).execute();
  const opened = new Set(rows.map((row) => row.channel_id));
  return channels.filter((channel) => opened.has(channel.id) || (!channel.isPrivate && role !== 'guest'));
}

/** Every channel that an account may enter, of all its teams, with the team's slug. */
export async function findReadableChannels(queries: Queries, account: Pick<Account, 'id'>): Promise<(Channel & { teamSlug: string })[]> {
  const rows = await readable(queries, account).orderBy('teams.created_at').orderBy('channels.name').execute();
  return rows.map((row) => ({ ...presentChannelRow(row), teamSlug: row.team_slug }));
}

/** The channel with that address on a server of the teams, if the account may enter it. */
export async function findReadableChannel(
  queries: Queries,
  account: Pick<Account, 'id'>,
  home: Home,
  address: string,
): Promise<Channel | undefined> {
  const one = readable(queries, account).where('channels.home', '=', home).where('channels.address', '=', address);
  const row = await one.executeTakeFirst();
  return row && presentChannelRow(row);
}

function readable(queries: Queries, { id }: Pick<Account, 'id'>) {
  return queries
    .selectFrom('channels')
    .innerJoin('teams', 'teams.id', 'channels.team_id')
    .innerJoin('members', (join) => join.onRef('members.team_id', '=', 'channels.team_id').on('members.account_id', '=', id))
    .leftJoin('channel_members', (join) =>
      join.onRef('channel_members.channel_id', '=', 'channels.id').on('channel_members.account_id', '=', id),
    )
    .selectAll('channels')
    .select('teams.slug as team_slug')
    .where(mayEnter);
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

/** Makes somebody a member, in the team's default channels. Throws KOSMOS_ERR_MEMBER_EXISTS. */
export async function joinTeam(change: Change, team: Team, account: Account, role: Role): Promise<void> {
  await addMember(change, team, account, role);
  await addToDefaultChannels(change, team, { accountId: account.id, name: account.name, role });
}

/** Opens the team's default channels to who just joined it. Guests see only what somebody opens to them. */
async function addToDefaultChannels(change: Change, team: Team, member: Pick<Member, 'accountId' | 'name' | 'role'>): Promise<void> {
  if (member.role === 'guest') return;
  const channels = await findChannels(change.queries, team);
  for (const channel of channels.filter(({ isDefault }) => isDefault)) await addToChannel(change, channel, member);
}
