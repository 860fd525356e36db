import { sql } from 'kysely';
import { newId } from '../foundation/crypto.ts';
import { KosmosError } from '../foundation/errors.ts';
import { forUpdate, isUniqueViolation, timestamp, type Queries } from '../database/database.ts';
import type { Change } from '../database/events.ts';
import { checkName, lookalike, normaliseName } from './names.ts';
import { checkPassword, createScramKeys, type ScramKeys } from './scram.ts';

export interface Account {
  readonly id: string;
  readonly name: string;
  readonly displayName: string | null;
  /** Runs the appliance itself. */
  readonly isAdmin: boolean;
  readonly isBot: boolean;
  readonly createdAt: string;
  readonly disabledAt: string | null;
  /** Confirmed by a link, where the account registered itself. */
  readonly email: string | null;
}

export interface NewAccount {
  readonly name: string;
  readonly displayName?: string | undefined;
  readonly isAdmin?: boolean;
  /** A program's; see teams/bots.ts. */
  readonly isBot?: boolean;
  readonly email?: string;
}

export async function findAccount(queries: Queries, name: string): Promise<Account | undefined> {
  const row = await queries.selectFrom('accounts').selectAll().where('name', '=', normaliseName(name)).executeTakeFirst();
  return row && presentAccountRow(row);
}

/** An account with that name, or with one that could be mistaken for it. */
export async function findLookalike(queries: Queries, name: string): Promise<Account | undefined> {
  const row = await queries
    .selectFrom('accounts')
    .selectAll()
    .where(sql<string>`replace(replace(name, '0', 'o'), '1', 'l')`, '=', lookalike(normaliseName(name)))
    .executeTakeFirst();
  return row && presentAccountRow(row);
}

/** Throws KOSMOS_ERR_ACCOUNT_NOT_FOUND. */
export async function getAccount(queries: Queries, name: string): Promise<Account> {
  const account = await findAccount(queries, name);
  if (!account) throw new KosmosError('KOSMOS_ERR_ACCOUNT_NOT_FOUND', { name: name.slice(0, 40) });
  return account;
}

export async function findAccounts(queries: Queries): Promise<Account[]> {
  const rows = await queries.selectFrom('accounts').selectAll().orderBy('name').execute();
  return rows.map(presentAccountRow);
}

/**
 * Keys are made before the transaction, for they take a tenth of a second: `const keys = await createKeys(…)`, then `createAccount`.
 * Throws KOSMOS_ERR_NAME_INVALID, KOSMOS_ERR_NAME_RESERVED or a password's error.
 */
export async function createKeys(name: string, password: string): Promise<ScramKeys[]> {
  checkPassword(password, checkName(name));
  return createScramKeys(password);
}

/** Throws KOSMOS_ERR_NAME_TAKEN and the errors of `checkName`. */
export async function createAccount(change: Change, account: NewAccount, keys: readonly ScramKeys[]): Promise<Account> {
  const name = checkName(account.name);
  if (await findLookalike(change.queries, name)) throw new KosmosError('KOSMOS_ERR_NAME_TAKEN', { name });
  const row = {
    ...{ id: newId(), name, display_name: account.displayName ?? null, created_at: timestamp(), disabled_at: null },
    ...{ is_admin: flag(account.isAdmin), is_bot: flag(account.isBot), email: account.email ?? null },
  };
  try {
    await change.queries.insertInto('accounts').values(row).execute();
  } catch (error) {
    if (isUniqueViolation(error)) throw new KosmosError('KOSMOS_ERR_NAME_TAKEN', { name }, { cause: error });
    throw error;
  }
  await insertKeys(change.queries, row.id, keys);
  await change.emit({ type: 'account-created', account: row.id, name });
  return presentAccountRow(row);
}

/** The account of the appliance's own bot, made if it is not there. It has no password: it logs in with tokens. */
export async function ensureBot(change: Change, name: string): Promise<Account> {
  const existing = await findAccount(change.queries, name);
  if (existing) return existing;
  const row = {
    ...{ id: newId(), name, display_name: null, created_at: timestamp(), disabled_at: null },
    ...{ is_admin: 0 as const, is_bot: 1 as const, email: null },
  };
  await change.queries.insertInto('accounts').values(row).execute();
  await change.emit({ type: 'account-created', account: row.id, name });
  return presentAccountRow(row);
}

/** How the account is shown; null shows its name. */
export async function renameAccount(change: Change, account: Account, displayName: string | null): Promise<Account> {
  const shown = displayName?.trim() || null;
  await change.queries.updateTable('accounts').set({ display_name: shown }).where('id', '=', account.id).execute();
  await change.emit({ type: 'account-changed', account: account.id, name: account.name });
  return { ...account, displayName: shown };
}

/** Replaces the keys; every session but `keepSession` is ended by `password-changed`. */
export async function changePassword(change: Change, account: Account, keys: readonly ScramKeys[], keepSession?: string): Promise<void> {
  await change.queries.deleteFrom('credentials').where('account_id', '=', account.id).execute();
  await insertKeys(change.queries, account.id, keys);
  let ended = change.queries.deleteFrom('sessions').where('account_id', '=', account.id);
  if (keepSession) ended = ended.where('id', '!=', keepSession);
  await ended.execute();
  await change.emit({ type: 'password-changed', account: account.id, name: account.name });
}

/** Idempotent. A disabled account loses its sessions here at once and elsewhere through the event. Throws KOSMOS_ERR_LAST_ADMIN. */
export async function disableAccount(change: Change, account: Account): Promise<void> {
  if (account.disabledAt) return;
  if (account.isAdmin) await checkAnotherAdmin(change.queries, account);
  await change.queries.updateTable('accounts').set({ disabled_at: timestamp() }).where('id', '=', account.id).execute();
  await change.queries.deleteFrom('sessions').where('account_id', '=', account.id).execute();
  await change.emit({ type: 'account-disabled', account: account.id, name: account.name });
}

/** Grants or withdraws the right to run the appliance. Idempotent. Throws KOSMOS_ERR_LAST_ADMIN. */
export async function setAdmin(change: Change, account: Account, isAdmin: boolean): Promise<void> {
  if (account.isAdmin === isAdmin) return;
  if (!isAdmin) await checkAnotherAdmin(change.queries, account);
  await change.queries
    .updateTable('accounts')
    .set({ is_admin: isAdmin ? 1 : 0 })
    .where('id', '=', account.id)
    .execute();
  await change.emit({ type: 'account-changed', account: account.id, name: account.name });
}

/** The appliance's admins are locked while it is looked at: of two who withdraw at once, the second one sees that the first is gone. */
async function checkAnotherAdmin(queries: Queries, account: Account): Promise<void> {
  const admins = await forUpdate(queries.selectFrom('accounts').select(['id', 'disabled_at']).where('is_admin', '=', 1), queries).execute();
  const others = admins.some(({ id, disabled_at }) => id !== account.id && disabled_at === null);
  if (!others) throw new KosmosError('KOSMOS_ERR_LAST_ADMIN');
}

export async function enableAccount(change: Change, account: Account): Promise<void> {
  if (!account.disabledAt) return;
  await change.queries.updateTable('accounts').set({ disabled_at: null }).where('id', '=', account.id).execute();
  await change.emit({ type: 'account-enabled', account: account.id, name: account.name });
}

function flag(value: boolean | undefined): 0 | 1 {
  return value ? 1 : 0;
}

async function insertKeys(queries: Queries, accountId: string, keys: readonly ScramKeys[]): Promise<void> {
  const rows = keys.map(({ hash, salt, iterations, storedKey, serverKey }) => ({
    ...{ account_id: accountId, hash, salt, iterations, stored_key: storedKey, server_key: serverKey },
  }));
  await queries.insertInto('credentials').values(rows).execute();
}

export interface AccountRow {
  id: string;
  name: string;
  display_name: string | null;
  is_admin: 0 | 1;
  is_bot: 0 | 1;
  created_at: string;
  disabled_at: string | null;
  email: string | null;
}

export function presentAccountRow(row: AccountRow): Account {
  return {
    id: row.id,
    name: row.name,
    displayName: row.display_name,
    isAdmin: row.is_admin === 1,
    isBot: row.is_bot === 1,
    createdAt: row.created_at,
    disabledAt: row.disabled_at,
    email: row.email,
  };
}
