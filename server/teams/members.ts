import { KosmosError } from '../foundation/errors.ts';
import { forUpdate, isUniqueViolation, timestamp, type Queries } from '../database/database.ts';
import type { Change } from '../database/events.ts';
import type { Role } from '../database/schema.ts';
import type { Account } from '../identity/accounts.ts';
import { normaliseName } from '../identity/names.ts';
import type { Team } from './teams.ts';

export interface Member {
  readonly accountId: string;
  readonly name: string;
  readonly displayName: string | null;
  readonly role: Role;
  readonly joinedAt: string;
  readonly disabled: boolean;
  readonly isBot: boolean;
}

/** Throws KOSMOS_ERR_MEMBER_EXISTS. */
export async function addMember(change: Change, team: Team, account: Account, role: Role): Promise<void> {
  const row = { team_id: team.id, account_id: account.id, role, joined_at: timestamp() };
  try {
    await change.queries.insertInto('members').values(row).execute();
  } catch (error) {
    if (isUniqueViolation(error)) throw new KosmosError('KOSMOS_ERR_MEMBER_EXISTS', { name: account.name }, { cause: error });
    throw error;
  }
  await change.emit({ type: 'member-added', team: team.id, account: account.id, name: account.name });
}

/** Throws KOSMOS_ERR_LAST_OWNER. */
export async function changeRole(change: Change, team: Team, member: Member, role: Role): Promise<void> {
  if (member.role === role) return;
  if (member.role === 'owner') await checkAnotherOwner(change.queries, team, member);
  await change.queries
    .updateTable('members')
    .set({ role })
    .where('team_id', '=', team.id)
    .where('account_id', '=', member.accountId)
    .execute();
  await change.emit({ type: 'member-changed', team: team.id, account: member.accountId, name: member.name });
}

/** Takes the member out of the team and of all its channels; the account stays. Throws KOSMOS_ERR_LAST_OWNER. */
export async function removeMember(change: Change, team: Team, member: Member): Promise<void> {
  if (member.role === 'owner') await checkAnotherOwner(change.queries, team, member);
  const { queries } = change;
  const channels = queries.selectFrom('channels').select('id').where('team_id', '=', team.id);
  await queries.deleteFrom('channel_members').where('account_id', '=', member.accountId).where('channel_id', 'in', channels).execute();
  await queries.deleteFrom('members').where('team_id', '=', team.id).where('account_id', '=', member.accountId).execute();
  await change.emit({ type: 'member-removed', team: team.id, account: member.accountId, name: member.name });
}

/** By name. */
export async function findMembers(queries: Queries, team: Team): Promise<Member[]> {
  const rows = await membersOf(queries, team).orderBy('accounts.name').execute();
  return rows.map(present);
}

export async function findMember(queries: Queries, team: Team, name: string): Promise<Member | undefined> {
  const row = await membersOf(queries, team).where('accounts.name', '=', normaliseName(name)).executeTakeFirst();
  return row && present(row);
}

/** Throws KOSMOS_ERR_MEMBER_NOT_FOUND. */
export async function getMember(queries: Queries, team: Team, name: string): Promise<Member> {
  const member = await findMember(queries, team, name);
  if (!member) throw new KosmosError('KOSMOS_ERR_MEMBER_NOT_FOUND', { name: name.slice(0, 40) });
  return member;
}

export async function findRole(queries: Queries, team: Team, account: Account): Promise<Role | undefined> {
  const row = await queries
    .selectFrom('members')
    .select('role')
    .where('team_id', '=', team.id)
    .where('account_id', '=', account.id)
    .executeTakeFirst();
  return row?.role;
}

/** The owners are locked first: of two who step down at once, the second one sees that the first has gone. */
async function checkAnotherOwner(queries: Queries, team: Team, member: Member): Promise<void> {
  const owners = queries.selectFrom('members').select('account_id').where('team_id', '=', team.id).where('role', '=', 'owner');
  await forUpdate(owners.orderBy('account_id'), queries).execute();
  const members = await findMembers(queries, team);
  const others = members.some(({ role, disabled, accountId }) => role === 'owner' && !disabled && accountId !== member.accountId);
  if (!others) throw new KosmosError('KOSMOS_ERR_LAST_OWNER');
}

function membersOf(queries: Queries, team: Team) {
  return queries
    .selectFrom('members')
    .innerJoin('accounts', 'accounts.id', 'members.account_id')
    .select(['accounts.id', 'accounts.name', 'accounts.display_name', 'accounts.disabled_at', 'accounts.is_bot'])
    .select(['members.role', 'members.joined_at'])
    .where('members.team_id', '=', team.id);
}

interface MemberRow {
  id: string;
  name: string;
  display_name: string | null;
  disabled_at: string | null;
  is_bot: 0 | 1;
  role: Role;
  joined_at: string;
}

function present(row: MemberRow): Member {
  return {
    accountId: row.id,
    name: row.name,
    displayName: row.display_name,
    role: row.role,
    joinedAt: row.joined_at,
    disabled: row.disabled_at !== null,
    isBot: row.is_bot === 1,
  };
}
