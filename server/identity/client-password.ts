import { randomLetters } from '../foundation/crypto.ts';
import { timestamp, type Queries } from '../database/database.ts';
import type { Change } from '../database/events.ts';
import type { Account } from './accounts.ts';
import { createScramKeys, type ScramKeys } from './scram.ts';

/** Twenty letters in all, 99 bits. */
const GROUPS = 5;
const GROUP = 4;

/**
 * IRC, XMPP and storage clients cannot ask for a second factor. An account that has one opens them with a password of their own, which
 * opens nothing else. Made before the transaction, for the keys take time.
 */
export async function makeClientPassword(): Promise<{ password: string; keys: ScramKeys[] }> {
  const password = Array.from({ length: GROUPS }, () => randomLetters(GROUP)).join('-');
  return { password, keys: await createScramKeys(password) };
}

/** Replaces the one before; whoever is connected with that is disconnected. */
export async function setClientPassword(change: Change, account: Pick<Account, 'id' | 'name'>, keys: readonly ScramKeys[]): Promise<void> {
  await removeKeys(change.queries, account);
  const rows = keys.map(({ hash, salt, iterations, storedKey, serverKey }) => ({
    ...{ account_id: account.id, hash, salt, iterations, stored_key: storedKey, server_key: serverKey, created_at: timestamp() },
  }));
  await change.queries.insertInto('client_credentials').values(rows).execute();
  await change.emit({ type: 'sessions-ended', account: account.id, name: account.name });
}

export async function removeClientPassword(change: Change, account: Pick<Account, 'id' | 'name'>): Promise<void> {
  await removeKeys(change.queries, account);
  await change.emit({ type: 'sessions-ended', account: account.id, name: account.name });
}

/** When it was made. */
export async function findClientPassword(queries: Queries, account: Pick<Account, 'id'>): Promise<string | undefined> {
  const rows = queries.selectFrom('client_credentials').select('created_at').where('account_id', '=', account.id);
  return (await rows.executeTakeFirst())?.created_at;
}

async function removeKeys(queries: Queries, account: Pick<Account, 'id'>): Promise<void> {
  await queries.deleteFrom('client_credentials').where('account_id', '=', account.id).execute();
}
