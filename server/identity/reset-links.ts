import { hashToken, newToken } from '../foundation/crypto.ts';
import { KosmosError } from '../foundation/errors.ts';
import { timestamp, type Queries } from '../database/database.ts';
import type { Change } from '../database/events.ts';
import { changePassword, getAccount, type Account } from './accounts.ts';
import type { ScramKeys } from './scram.ts';

export interface ResetLink {
  readonly token: string;
  readonly expiresAt: string;
}

const LIFETIME = 24 * 3_600_000;

/** A link by which the account's owner chooses a new password, once. An earlier one ends. */
export async function createResetLink(queries: Queries, account: Pick<Account, 'id'>): Promise<ResetLink> {
  const token = newToken();
  const now = Date.now();
  const row = { token_hash: hashToken(token), account_id: account.id, created_at: timestamp(now), expires_at: timestamp(now + LIFETIME) };
  await queries.deleteFrom('reset_links').where('account_id', '=', account.id).execute();
  await queries.insertInto('reset_links').values(row).execute();
  return { token, expiresAt: row.expires_at };
}

/** The account that a link is for. Throws KOSMOS_ERR_RESET_NOT_FOUND, …_RESET_EXPIRED or KOSMOS_ERR_ACCOUNT_DISABLED. */
export async function openResetLink(queries: Queries, token: string): Promise<{ account: Account; expiresAt: string }> {
  const row = await queries
    .selectFrom('reset_links')
    .innerJoin('accounts', 'accounts.id', 'reset_links.account_id')
    .select(['accounts.name', 'reset_links.expires_at'])
    .where('token_hash', '=', hashToken(token))
    .executeTakeFirst();
  if (!row) throw new KosmosError('KOSMOS_ERR_RESET_NOT_FOUND');
  if (row.expires_at <= timestamp()) throw new KosmosError('KOSMOS_ERR_RESET_EXPIRED', { expiredAt: row.expires_at });
  const account = await getAccount(queries, row.name);
  if (account.disabledAt) throw new KosmosError('KOSMOS_ERR_ACCOUNT_DISABLED');
  return { account, expiresAt: row.expires_at };
}

/** Takes the link and the password in one step: of two who use it at once, one gets KOSMOS_ERR_RESET_NOT_FOUND. */
export async function takeResetLink(change: Change, token: string, account: Account, keys: readonly ScramKeys[]): Promise<void> {
  const result = await change.queries.deleteFrom('reset_links').where('token_hash', '=', hashToken(token)).executeTakeFirst();
  if (Number(result.numDeletedRows) === 0) throw new KosmosError('KOSMOS_ERR_RESET_NOT_FOUND');
  await changePassword(change, account, keys);
}

export async function removeExpiredResetLinks(queries: Queries): Promise<void> {
  await queries.deleteFrom('reset_links').where('expires_at', '<=', timestamp()).execute();
}
