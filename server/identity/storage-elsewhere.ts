import { timestamp, type Queries } from '../database/database.ts';
import type { Account } from './accounts.ts';

/** The relation of a storage in WebFinger (draft-dejong-remotestorage, section 10). */
export const STORAGE_RELATION = 'http://tools.ietf.org/id/draft-dejong-remotestorage';

/** A link of WebFinger (RFC 7033). */
export interface StorageLink {
  readonly rel: string;
  readonly href: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, string | null>>;
}

/** An account's storage on another server. */
export interface StorageElsewhere {
  readonly address: string;
  /** As WebFinger there gave them. */
  readonly links: readonly StorageLink[];
}

export async function findStorageElsewhere(queries: Queries, account: Pick<Account, 'id'>): Promise<StorageElsewhere | undefined> {
  const row = await queries.selectFrom('storage_elsewhere').selectAll().where('account_id', '=', account.id).executeTakeFirst();
  return row && { address: row.address, links: JSON.parse(row.links) as StorageLink[] };
}

/** Undefined: the account's storage is here again. What it has here stays either way. */
export async function keepStorageElsewhere(
  queries: Queries,
  account: Pick<Account, 'id'>,
  elsewhere: StorageElsewhere | undefined,
): Promise<void> {
  if (!elsewhere) {
    await queries.deleteFrom('storage_elsewhere').where('account_id', '=', account.id).execute();
    return;
  }
  const values = { address: elsewhere.address, links: JSON.stringify(elsewhere.links), checked_at: timestamp() };
  await queries
    .insertInto('storage_elsewhere')
    .values({ account_id: account.id, ...values })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet(values))
    .execute();
}
