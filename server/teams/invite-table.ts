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
  const invites = await Promise.all(
    rows.map(async (row) => ({
      ...{ id: row.id, role: row.role, state: row.state, uses: row.uses, usesLeft: row.uses_left },
      ...{ createdAt: row.created_at, createdBy: row.createdBy, expiresAt: row.expires_at, revokedAt: row.revoked_at },
      usedBy: await findUses(queries, row.id),
    })),
  );
  return { invites, total: Number(count) };
}

export async function countOpenInvites(queries: Queries, team: Pick<Team, 'id'>): Promise<number> {
  return (await findInviteTable(queries, team, 'open', { limit: 0, offset: 0 })).total;
}

function findUses(queries: Queries, inviteId: string): Promise<{ name: string; at: string }[]> {
  return queries
    .selectFrom('invite_uses')
    .innerJoin('accounts', 'accounts.id', 'invite_uses.account_id')
    .select(['accounts.name', 'invite_uses.used_at as at'])
    .where('invite_id', '=', inviteId)
    .orderBy('used_at', 'desc')
    .limit(MOST_USES_SHOWN)
    .execute();
}
