import { randomBytes } from 'node:crypto';
import { KosmosError } from '../../foundation/errors.ts';
import { timestamp, type Queries } from '../../database/database.ts';
import { folderOf, parentOf } from '../paths.ts';

/** Queries on the tree of documents and folders. Those that write expect to run in a transaction that began with `nextVersion`. */

export interface DocumentRow {
  readonly etag: string;
  readonly type: string;
  readonly length: number;
  readonly blob: string;
  readonly modifiedAt: string;
}

export interface FolderRow {
  readonly etag: string;
}

/** Charged for each document beside its content, so that empty documents are not free. */
export const OVERHEAD = 256;

/**
 * The version that this transaction gives to what it touches. The row it updates is the account's lock: writes of an account follow each
 * other. The random part keeps a version from coming back after a database was restored from a backup.
 */
export async function nextVersion(queries: Queries, accountId: string): Promise<{ etag: string; bytes: number }> {
  const { revision, bytes } = await queries
    .insertInto('storage_accounts')
    .values({ account_id: accountId, revision: 1, bytes: 0, quota: null })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet((set) => ({ revision: set('storage_accounts.revision', '+', 1) })))
    .returning(['revision', 'bytes'])
    .executeTakeFirstOrThrow();
  return { etag: `${revision.toString(36)}-${randomBytes(6).toString('base64url')}`, bytes };
}

export async function findItem(
  queries: Queries,
  accountId: string,
  names: readonly string[],
): Promise<{ document?: DocumentRow; folder?: FolderRow }> {
  const row = await queries
    .selectFrom('storage_items')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('folder', '=', parentOf(names))
    .where('name', '=', names.at(-1) ?? '')
    .executeTakeFirst();
  if (!row) return {};
  const { etag, type, length, blob, modified_at: modifiedAt } = row;
  if (row.is_folder || blob === null) return { folder: { etag } };
  return { document: { etag, type: type ?? '', length: length ?? 0, blob, modifiedAt } };
}

export async function findChildren(
  queries: Queries,
  accountId: string,
  names: readonly string[],
  wanted?: readonly string[],
): Promise<ChildRow[]> {
  const children = queries
    .selectFrom('storage_items')
    .select(['name', 'is_folder', 'etag', 'type', 'length', 'modified_at'])
    .where('account_id', '=', accountId)
    .where('folder', '=', folderOf(names))
    .orderBy('name');
  return (wanted ? children.where('name', 'in', wanted) : children).execute();
}

export async function findChildVersions(
  queries: Queries,
  accountId: string,
  names: readonly string[],
): Promise<Pick<ChildRow, 'name' | 'etag'>[]> {
  return queries
    .selectFrom('storage_items')
    .select(['name', 'etag'])
    .where('account_id', '=', accountId)
    .where('folder', '=', folderOf(names))
    .orderBy('name')
    .execute();
}

export interface ChildRow {
  readonly name: string;
  readonly is_folder: 0 | 1;
  readonly etag: string;
  readonly type: string | null;
  readonly length: number | null;
  readonly modified_at: string;
}

/** Gives the folder and all above it the new version, making those that are not there. Throws KOSMOS_ERR_STORAGE_CLASH at a document. */
export async function touchFolders(queries: Queries, accountId: string, folder: readonly string[], etag: string): Promise<void> {
  const withRoot = ['', ...folder];
  const rows = withRoot.map((_, depth) => {
    return { ...rowOf(accountId, folder.slice(0, depth), etag), is_folder: 1 as const, type: null, length: null, blob: null };
  });
  const result = await queries
    .insertInto('storage_items')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'folder', 'name']).doUpdateSet({ etag }).where('storage_items.is_folder', '=', 1),
    )
    .executeTakeFirst();
  if (Number(result.numInsertedOrUpdatedRows) !== rows.length) throw new KosmosError('KOSMOS_ERR_STORAGE_CLASH');
}

export async function putDocument(
  queries: Queries,
  accountId: string,
  names: readonly string[],
  document: Omit<DocumentRow, 'modifiedAt'>,
): Promise<void> {
  const { etag, type, length, blob } = document;
  const row = { ...rowOf(accountId, names, etag), is_folder: 0 as const, type, length, blob };
  await queries
    .insertInto('storage_items')
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'folder', 'name']).doUpdateSet({ etag, type, length, blob, modified_at: row.modified_at }),
    )
    .execute();
}

/** Removes the document and the folders that it leaves empty; those that stay get the new version. */
export async function removeDocument(queries: Queries, accountId: string, names: readonly string[], etag: string): Promise<void> {
  await removeItem(queries, accountId, names);
  let left = names.slice(0, -1);
  while (!(await hasChildren(queries, accountId, left))) {
    await removeItem(queries, accountId, left);
    if (left.length === 0) return;
    left = left.slice(0, -1);
  }
  await touchFolders(queries, accountId, left, etag);
}

export async function addBytes(queries: Queries, accountId: string, bytes: number): Promise<void> {
  await queries
    .updateTable('storage_accounts')
    .set((set) => ({ bytes: set('bytes', '+', bytes) }))
    .where('account_id', '=', accountId)
    .execute();
}

async function removeItem(queries: Queries, accountId: string, names: readonly string[]): Promise<void> {
  await queries
    .deleteFrom('storage_items')
    .where('account_id', '=', accountId)
    .where('folder', '=', parentOf(names))
    .where('name', '=', names.at(-1) ?? '')
    .execute();
}

async function hasChildren(queries: Queries, accountId: string, names: readonly string[]): Promise<boolean> {
  const child = await queries
    .selectFrom('storage_items')
    .select('name')
    .where('account_id', '=', accountId)
    .where('folder', '=', folderOf(names))
    .limit(1)
    .executeTakeFirst();
  return child !== undefined;
}

function rowOf(accountId: string, names: readonly string[], etag: string) {
  return { account_id: accountId, folder: parentOf(names), name: names.at(-1) ?? '', etag, modified_at: timestamp() };
}
