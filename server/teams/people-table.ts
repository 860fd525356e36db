import { sql } from 'kysely';
import { timestamp, type Queries } from '../database/database.ts';
import type { Role } from '../database/schema.ts';
import { likePattern } from './acts.ts';
import type { Team } from './teams.ts';

/** A part of a table: what fits, in an order, from one row on. */
export interface TablePart<Column extends string> {
  readonly search?: string;
  readonly sort?: Column;
  readonly order?: 'asc' | 'desc';
  readonly limit: number;
  readonly offset: number;
}

export interface Seen {
  readonly web: string | null;
  readonly irc: string | null;
  readonly xmpp: string | null;
  readonly storage: string | null;
}

/** A member as those who run the team see them. */
export interface MemberRow {
  readonly accountId: string;
  readonly name: string;
  readonly displayName: string | null;
  readonly role: Role;
  readonly joinedAt: string;
  readonly disabled: boolean;
  readonly isAdmin: boolean;
  readonly isBot: boolean;
  readonly teams: number;
  readonly secondFactor: boolean;
  readonly sessions: number;
  readonly seen: Seen;
  readonly seenAt: string | null;
}

export interface MemberFilter {
  readonly role?: Role;
  readonly status?: 'enabled' | 'disabled';
  readonly isBot?: boolean;
  /** Only these. */
  readonly names?: readonly string[];
}

export const memberColumns = ['name', 'role', 'joinedAt', 'seenAt'] as const;
export type MemberColumn = (typeof memberColumns)[number];

/** Roles by what they may do, not by their first letter. */
const rank = sql`case members.role when 'owner' then 0 when 'admin' then 1 when 'member' then 2 else 3 end`;
const orders = { name: sql`accounts.name`, role: rank, joinedAt: sql`members.joined_at`, seenAt: sql`coalesce(${seenAt()}, '')` };

export async function findMemberTable(
  queries: Queries,
  team: Pick<Team, 'id'>,
  filter: MemberFilter,
  part: TablePart<MemberColumn>,
): Promise<{ members: MemberRow[]; total: number }> {
  let query = people(queries).where('members.team_id', '=', team.id);
  if (filter.role !== undefined) query = query.where('members.role', '=', filter.role);
  if (filter.status !== undefined) query = query.where('accounts.disabled_at', filter.status === 'enabled' ? 'is' : 'is not', null);
  if (filter.isBot !== undefined) query = query.where('accounts.is_bot', '=', filter.isBot ? 1 : 0);
  if (filter.names !== undefined) query = query.where('accounts.name', 'in', filter.names.length > 0 ? filter.names : ['']);
  if (part.search) {
    const pattern = likePattern(part.search);
    query = query.where(
      sql<boolean>`(accounts.name like ${pattern} escape '!' or lower(accounts.display_name) like ${pattern} escape '!')`,
    );
  }
  const { count } = await query.select((select) => select.fn.countAll().as('count')).executeTakeFirstOrThrow();
  const rows = await query
    .select(columns())
    .orderBy(orders[part.sort ?? 'name'], part.order ?? 'asc')
    .orderBy('accounts.name')
    .limit(part.limit)
    .offset(part.offset)
    .execute();
  return { members: rows.map(present), total: Number(count) };
}

function people(queries: Queries) {
  return queries.selectFrom('members').innerJoin('accounts', 'accounts.id', 'members.account_id');
}

function columns() {
  return [
    ...(['accounts.id', 'accounts.name', 'accounts.display_name', 'accounts.disabled_at'] as const),
    ...(['accounts.is_admin', 'accounts.is_bot', 'members.role', 'members.joined_at'] as const),
    sql<number>`(select count(*) from members others where others.account_id = accounts.id)`.as('teams'),
    ...personColumns(),
  ] as const;
}

/** Of `accounts`, for every table of people. */
export function personColumns() {
  return [
    sql<number>`(select count(*) from second_factors f where f.account_id = accounts.id and f.confirmed_at is not null)`.as('factors'),
    sql<number>`(select count(*) from sessions s where s.account_id = accounts.id and s.expires_at > ${timestamp()})`.as('sessions'),
    ...(['web', 'irc', 'xmpp'] as const).map((protocol) =>
      sql<string | null>`(select seen_at from account_seen w where w.account_id = accounts.id and w.protocol = ${protocol})`.as(protocol),
    ),
    sql<string | null>`(select max(used_at) from storage_grants g where g.account_id = accounts.id and g.session_id is null)`.as('storage'),
  ] as const;
}

export function seenAt() {
  return sql<string | null>`(select max(seen_at) from account_seen s where s.account_id = accounts.id)`;
}

export interface PersonRow {
  factors: number;
  sessions: number;
  web?: string | null;
  irc?: string | null;
  xmpp?: string | null;
  storage: string | null;
}

export function presentPerson(row: PersonRow): Pick<MemberRow, 'secondFactor' | 'sessions' | 'seen' | 'seenAt'> {
  const seen = { web: row.web ?? null, irc: row.irc ?? null, xmpp: row.xmpp ?? null, storage: row.storage };
  const times = Object.values(seen).flatMap((time) => time ?? []);
  return { secondFactor: Number(row.factors) > 0, sessions: Number(row.sessions), seen, seenAt: times.sort().at(-1) ?? null };
}

interface FullRow extends PersonRow {
  id: string;
  name: string;
  display_name: string | null;
  disabled_at: string | null;
  is_admin: 0 | 1;
  is_bot: 0 | 1;
  role: Role;
  joined_at: string;
  teams: number;
}

function present(row: FullRow): MemberRow {
  return {
    ...{ accountId: row.id, name: row.name, displayName: row.display_name, role: row.role, joinedAt: row.joined_at },
    ...{ disabled: row.disabled_at !== null, isAdmin: row.is_admin === 1, isBot: row.is_bot === 1, teams: Number(row.teams) },
    ...presentPerson(row),
  };
}
