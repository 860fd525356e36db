import { sql } from 'kysely';
import type { Queries } from '../database/database.ts';
import type { Role } from '../database/schema.ts';
import { presentAccountRow, type Account } from '../identity/accounts.ts';
import { likePattern } from './acts.ts';
import { personColumns, presentPerson, seenAt, type MemberRow, type TablePart } from './people-table.ts';

/** An account as those who run the appliance see it. */
export interface AccountRow extends Account, Pick<MemberRow, 'secondFactor' | 'sessions' | 'seen' | 'seenAt'> {
  readonly teams: readonly { readonly slug: string; readonly name: string; readonly role: Role }[];
}

export interface AccountFilter {
  readonly status?: 'enabled' | 'disabled' | 'admin' | 'bot';
  /** Only these. */
  readonly names?: readonly string[];
}

export const accountColumns = ['name', 'createdAt', 'seenAt', 'teams'] as const;
export type AccountColumn = (typeof accountColumns)[number];

const orders = {
  name: sql`accounts.name`,
  createdAt: sql`accounts.created_at`,
  seenAt: sql`coalesce(${seenAt()}, '')`,
  teams: sql`(select count(*) from members m where m.account_id = accounts.id)`,
};

/** Bots are left out, unless they are asked for. */
export async function findAccountTable(
  queries: Queries,
  filter: AccountFilter,
  part: TablePart<AccountColumn>,
): Promise<{ accounts: AccountRow[]; total: number }> {
  const query = narrow(queries, filter, part.search);
  const { count } = await query.select((select) => select.fn.countAll().as('count')).executeTakeFirstOrThrow();
  const rows = await query
    .selectAll('accounts')
    .select(personColumns())
    .orderBy(orders[part.sort ?? 'name'], part.order ?? 'asc')
    .orderBy('accounts.name')
    .limit(part.limit)
    .offset(part.offset)
    .execute();
  const teams = await findTeamsOfAll(
    queries,
    rows.map(({ id }) => id),
  );
  const accounts = rows.map((row) => ({ ...presentAccountRow(row), ...presentPerson(row), teams: teams.get(row.id) ?? [] }));
  return { accounts, total: Number(count) };
}

function narrow(queries: Queries, { status, names }: AccountFilter, search: string | undefined) {
  let query = queries.selectFrom('accounts');
  if (status === 'admin') query = query.where('is_admin', '=', 1);
  if (status === 'enabled') query = query.where('disabled_at', 'is', null);
  if (status === 'disabled') query = query.where('disabled_at', 'is not', null);
  if (names === undefined) query = query.where('is_bot', '=', status === 'bot' ? 1 : 0);
  else query = query.where('accounts.name', 'in', names.length > 0 ? names : ['']);
  if (!search) return query;
  const pattern = likePattern(search);
  return query.where(
    sql<boolean>`(accounts.name like ${pattern} escape '!' or lower(display_name) like ${pattern} escape '!' or lower(email) like ${pattern} escape '!')`,
  );
}

async function findTeamsOfAll(queries: Queries, ids: readonly string[]): Promise<Map<string, AccountRow['teams'][number][]>> {
  const found = new Map<string, AccountRow['teams'][number][]>();
  if (ids.length === 0) return found;
  const rows = await queries
    .selectFrom('members')
    .innerJoin('teams', 'teams.id', 'members.team_id')
    .select(['members.account_id', 'members.role', 'teams.slug', 'teams.name'])
    .where('members.account_id', 'in', ids)
    .orderBy('teams.name')
    .execute();
  for (const { account_id, ...team } of rows) found.set(account_id, [...(found.get(account_id) ?? []), team]);
  return found;
}
