import { sql } from 'kysely';
import { timestamp, type Queries } from '../database/database.ts';
import type { Role } from '../database/schema.ts';
import { likePattern } from './acts.ts';
import type { TablePart } from './people-table.ts';
import type { Team } from './teams.ts';

export const inviteStates = ['open', 'used', 'expired', 'revoked'] as const;
export type InviteState = (typeof inviteStates)[number];

/** An invite with all that became of it. */
export interface InviteRow {
  readonly id: string;
  readonly role: Role;
  readonly state: InviteState;
  readonly uses: number;
  readonly usesLeft: number;
  readonly createdAt: string;
  readonly createdBy: string | null;
  readonly expiresAt: string;
  readonly revokedAt: string | null;
  /** Newest first. */
  readonly usedBy: readonly { readonly name: string; readonly at: string }[];
}

export const inviteColumns = ['createdAt', 'expiresAt', 'role'] as const;
type Column = (typeof inviteColumns)[number];
const orders = { createdAt: 'invites.created_at', expiresAt: 'invites.expires_at', role: 'invites.role' } as const;
const MOST_USES_SHOWN = 50;

export async function findInviteTable(
  queries: Queries,
  team: Pick<Team, 'id'>,
  state: InviteState | undefined,
  part: TablePart<Column>,
): Promise<{ invites: InviteRow[]; total: number }> {
  const now = timestamp();
  const stateOf = sql<InviteState>`case when revoked_at is not null then 'revoked' when uses_left = 0 then 'used'
    when expires_at <= ${now} then 'expired' else 'open' end`;
  let query = queries.selectFrom('invites').innerJoin('accounts', 'accounts.id', 'invites.created_by').where('team_id', '=', team.id);
  if (state !== undefined) query = query.where(stateOf, '=', state);
  if (part.search) query = query.where(sql<boolean>`accounts.name like ${likePattern(part.search)} escape '!'`);
  const { count } = await query.select((select) => select.fn.countAll().as('count')).executeTakeFirstOrThrow();
  const rows = await query
    .selectAll('invites')
    .select(['accounts.name as createdBy', stateOf.as('state')])
    .orderBy(orders[part.sort ?? 'createdAt'], part.order ?? 'desc')
    .orderBy('invites.id')
    .limit(part.limit)
    .offset(part.offset)
    .execute();
  const uses = await findUses(
    queries,
    rows.map(({ id }) => id),
  );
  const invites = rows.map((row) => ({
    ...{ id: row.id, role: row.role, state: row.state, uses: row.uses, usesLeft: row.uses_left },
    ...{ createdAt: row.created_at, createdBy: row.createdBy, expiresAt: row.expires_at, revokedAt: row.revoked_at },
    usedBy: uses.get(row.id) ?? [],
  }));
  return { invites, total: Number(count) };
}

export async function countOpenInvites(queries: Queries, team: Pick<Team, 'id'>): Promise<number> {
  return (await findInviteTable(queries, team, 'open', { limit: 0, offset: 0 })).total;
}

/** By invite, the newest of each. */
async function findUses(queries: Queries, invites: readonly string[]): Promise<Map<string, { name: string; at: string }[]>> {
  const found = new Map<string, { name: string; at: string }[]>();
  if (invites.length === 0) return found;
  const numbered = queries
    .selectFrom('invite_uses')
    .innerJoin('accounts', 'accounts.id', 'invite_uses.account_id')
    .select(['invite_id as invite', 'accounts.name', 'used_at as at'])
    .select(sql<number>`row_number() over (partition by invite_id order by used_at desc)`.as('place'))
    .where('invite_id', 'in', invites);
  const rows = await queries
    .selectFrom(numbered.as('numbered'))
    .selectAll()
    .where('place', '<=', MOST_USES_SHOWN)
    .orderBy('at', 'desc')
    .execute();
  for (const { invite, name, at } of rows) found.set(invite, [...(found.get(invite) ?? []), { name, at }]);
  return found;
}
