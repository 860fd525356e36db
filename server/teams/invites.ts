import { hashToken, newId, newToken } from '../foundation/crypto.ts';
import { KosmosError } from '../foundation/errors.ts';
import { timestamp, type Queries } from '../database/database.ts';
import type { Change } from '../database/events.ts';
import type { Role } from '../database/schema.ts';
import type { Account } from '../identity/accounts.ts';
import type { Team } from './teams.ts';

export interface Invite {
  readonly id: string;
  readonly teamId: string;
  readonly role: Role;
  readonly expiresAt: string;
  readonly usesLeft: number;
}

export interface NewInvite {
  readonly role: Role;
  readonly uses: number;
  readonly expiresInHours: number;
}

const HOUR = 3_600_000;

/** The token is in the link and nowhere else. */
export async function createInvite(change: Change, team: Team, by: Account, invite: NewInvite): Promise<Invite & { token: string }> {
  const token = newToken();
  const now = Date.now();
  const row = {
    ...{ id: newId(), token_hash: hashToken(token), team_id: team.id, role: invite.role, created_by: by.id },
    ...{ created_at: timestamp(now), expires_at: timestamp(now + invite.expiresInHours * HOUR) },
    ...{ uses: invite.uses, uses_left: invite.uses, revoked_at: null },
  };
  await change.queries.insertInto('invites').values(row).execute();
  await change.emit({ type: 'invite-changed', team: team.id, invite: row.id });
  return { ...present(row), token };
}

/** Throws KOSMOS_ERR_INVITE_NOT_FOUND, KOSMOS_ERR_INVITE_REVOKED, KOSMOS_ERR_INVITE_EXPIRED or KOSMOS_ERR_INVITE_USED. */
export async function getInvite(queries: Queries, token: string): Promise<Invite> {
  const row = await queries.selectFrom('invites').selectAll().where('token_hash', '=', hashToken(token)).executeTakeFirst();
  if (!row) throw new KosmosError('KOSMOS_ERR_INVITE_NOT_FOUND');
  if (row.revoked_at) throw new KosmosError('KOSMOS_ERR_INVITE_REVOKED');
  if (row.expires_at <= timestamp()) throw new KosmosError('KOSMOS_ERR_INVITE_EXPIRED', { expiredAt: row.expires_at });
  if (row.uses_left === 0) throw new KosmosError('KOSMOS_ERR_INVITE_USED');
  return present(row);
}

/** Takes one use; of two people at the last one, one gets KOSMOS_ERR_INVITE_USED. `noteInviteUse` tells by whom. */
export async function useInvite(change: Change, invite: Invite): Promise<void> {
  const result = await change.queries
    .updateTable('invites')
    .set((row) => ({ uses_left: row('uses_left', '-', 1) }))
    .where('id', '=', invite.id)
    .where('uses_left', '>', 0)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  if (Number(result.numUpdatedRows) === 0) throw new KosmosError('KOSMOS_ERR_INVITE_USED');
}

export async function noteInviteUse(change: Change, invite: Invite, account: Pick<Account, 'id'>): Promise<void> {
  const row = { invite_id: invite.id, account_id: account.id, used_at: timestamp() };
  await change.queries
    .insertInto('invite_uses')
    .values(row)
    .onConflict((conflict) => conflict.columns(['invite_id', 'account_id']).doUpdateSet({ used_at: row.used_at }))
    .execute();
  await change.emit({ type: 'invite-changed', team: invite.teamId, invite: invite.id });
}

/** Open ones of a team, newest first. */
export async function findInvites(queries: Queries, team: Team): Promise<Invite[]> {
  const rows = await queries
    .selectFrom('invites')
    .selectAll()
    .where('team_id', '=', team.id)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', timestamp())
    .where('uses_left', '>', 0)
    .orderBy('created_at', 'desc')
    .execute();
  return rows.map(present);
}

/** False if the team has no such invite. */
export async function revokeInvite(change: Change, team: Team, id: string): Promise<boolean> {
  const result = await change.queries
    .updateTable('invites')
    .set({ revoked_at: timestamp() })
    .where('id', '=', id)
    .where('team_id', '=', team.id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  if (Number(result.numUpdatedRows) === 0) return false;
  await change.emit({ type: 'invite-changed', team: team.id, invite: id });
  return true;
}

function present(row: { id: string; team_id: string; role: Role; expires_at: string; uses_left: number }): Invite {
  return { id: row.id, teamId: row.team_id, role: row.role, expiresAt: row.expires_at, usesLeft: row.uses_left };
}
