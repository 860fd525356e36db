import { newId, seal, unseal } from '../foundation/crypto.ts';
import { KosmosError } from '../foundation/errors.ts';
import { timestamp, type Queries } from '../database/database.ts';
import type { Change } from '../database/events.ts';
import type { SecondFactorsTable } from '../database/schema-admin.ts';
import type { Account } from './accounts.ts';
import { findTotpStep, newTotpSecret } from './totp.ts';

export interface SecondFactor {
  readonly id: string;
  readonly kind: 'totp' | 'passkey';
  readonly name: string;
  readonly createdAt: string;
  readonly usedAt: string | null;
}

const MOST_FACTORS = 10;
type Owner = Pick<Account, 'id' | 'name'>;

/** Those in use, oldest first. */
export async function findFactors(queries: Queries, account: Pick<Account, 'id'>): Promise<SecondFactor[]> {
  const rows = await queries
    .selectFrom('second_factors')
    .selectAll()
    .where('account_id', '=', account.id)
    .where('confirmed_at', 'is not', null)
    .orderBy('created_at')
    .execute();
  return rows.map(presentFactor);
}

export async function hasFactor(queries: Queries, account: Pick<Account, 'id'>): Promise<boolean> {
  const confirmed = queries
    .selectFrom('second_factors')
    .select('id')
    .where('account_id', '=', account.id)
    .where('confirmed_at', 'is not', null);
  return (await confirmed.limit(1).executeTakeFirst()) !== undefined;
}

/** A TOTP secret that counts once a first code showed that an app has it. One that was begun earlier and never confirmed goes. */
export async function beginTotp(queries: Queries, key: Buffer, account: Owner): Promise<{ id: string; secret: string }> {
  await checkRoom(queries, account);
  const [id, secret] = [newId(), newTotpSecret()];
  await queries
    .deleteFrom('second_factors')
    .where('account_id', '=', account.id)
    .where('kind', '=', 'totp')
    .where('confirmed_at', 'is', null)
    .execute();
  const row = { ...emptyFactor(id, account, 'totp', 'Authenticator app'), secret: seal(secret, key, contextOf(id)), confirmed_at: null };
  await queries.insertInto('second_factors').values(row).execute();
  return { id, secret };
}

/** Throws KOSMOS_ERR_NOT_FOUND or KOSMOS_ERR_SECOND_FACTOR_WRONG. */
export async function confirmTotp(
  change: Change,
  key: Buffer,
  account: Owner,
  given: { id: string; code: string; name?: string },
): Promise<SecondFactor> {
  const row = await change.queries
    .selectFrom('second_factors')
    .selectAll()
    .where('id', '=', given.id)
    .where('account_id', '=', account.id)
    .where('kind', '=', 'totp')
    .where('confirmed_at', 'is', null)
    .executeTakeFirst();
  if (!row?.secret) throw new KosmosError('KOSMOS_ERR_NOT_FOUND');
  const step = findTotpStep(unseal(row.secret, key, contextOf(row.id)), given.code, row.last_step);
  if (step === undefined) throw new KosmosError('KOSMOS_ERR_SECOND_FACTOR_WRONG');
  const name = given.name?.trim() || row.name;
  const set = { confirmed_at: timestamp(), last_step: step, name };
  await change.queries.updateTable('second_factors').set(set).where('id', '=', row.id).execute();
  await noteFactors(change, account);
  return presentFactor({ ...row, ...set });
}

/** Takes a code, once. False if it fits none of the account's secrets. */
export async function takeTotpCode(change: Change, key: Buffer, account: Pick<Account, 'id'>, code: string): Promise<boolean> {
  const rows = await change.queries
    .selectFrom('second_factors')
    .selectAll()
    .where('account_id', '=', account.id)
    .where('kind', '=', 'totp')
    .where('confirmed_at', 'is not', null)
    .execute();
  for (const row of rows) {
    const step = row.secret === null ? undefined : findTotpStep(unseal(row.secret, key, contextOf(row.id)), code, row.last_step);
    if (step === undefined) continue;
    // In the condition too: of two requests with one code at once, one changes the row.
    const taken = await change.queries
      .updateTable('second_factors')
      .set({ last_step: step, used_at: timestamp() })
      .where('id', '=', row.id)
      .where((where) => where.or([where('last_step', 'is', null), where('last_step', '<', step)]))
      .executeTakeFirst();
    return Number(taken.numUpdatedRows) > 0;
  }
  return false;
}

/** False if the account has no such factor. With the last one go the recovery codes and the password for other clients. */
export async function removeFactor(change: Change, account: Owner, id: string): Promise<boolean> {
  const { queries } = change;
  const result = await queries.deleteFrom('second_factors').where('id', '=', id).where('account_id', '=', account.id).executeTakeFirst();
  if (Number(result.numDeletedRows) === 0) return false;
  if (!(await hasFactor(queries, account))) await removeAllFactors(change, account);
  else await noteFactors(change, account);
  return true;
}

export async function removeAllFactors(change: Change, account: Owner): Promise<void> {
  for (const table of ['second_factors', 'recovery_codes', 'client_credentials'] as const) {
    await change.queries.deleteFrom(table).where('account_id', '=', account.id).execute();
  }
  await noteFactors(change, account);
}

/** Throws KOSMOS_ERR_SECOND_FACTOR_LIMIT. */
export async function checkRoom(queries: Queries, account: Pick<Account, 'id'>): Promise<void> {
  const factors = await findFactors(queries, account);
  if (factors.length >= MOST_FACTORS) throw new KosmosError('KOSMOS_ERR_SECOND_FACTOR_LIMIT', { limit: MOST_FACTORS });
}

export async function noteFactors(change: Change, account: Owner): Promise<void> {
  await change.emit({ type: 'account-changed', account: account.id, name: account.name });
}

export function emptyFactor(id: string, account: Pick<Account, 'id'>, kind: SecondFactor['kind'], name: string): SecondFactorsTable {
  const now = timestamp();
  return {
    ...{ id, account_id: account.id, kind, name, created_at: now, confirmed_at: now, used_at: null },
    ...{ secret: null, last_step: null, credential: null, public_key: null, counter: null, transports: null, domain: null },
  };
}

export function presentFactor({ id, kind, name, created_at, used_at }: SecondFactorsTable): SecondFactor {
  return { id, kind, name, createdAt: created_at, usedAt: used_at };
}

function contextOf(id: string): string {
  return `second factor ${id}`;
}
