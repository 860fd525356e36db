import type { Database } from '../../database/database.ts';
import type { BlobStore } from './blobs.ts';

/**
 * Removes blobs that no document names: a process that was killed left them between storing the content and committing the document,
 * or between committing and removing the old content; those of a removed account as well. Only blobs made before `time`, which must lie
 * before this process took its first request. Returns how many.
 */
export async function sweepBlobs(database: Database, blobs: BlobStore, time: number, signal?: AbortSignal): Promise<number> {
  let removed = 0;
  for (const account of await blobs.accounts()) {
    const named = await findBlobs(database, account);
    for await (const id of blobs.olderThan(account, time)) {
      if (signal?.aborted) return removed;
      if (named.has(id)) continue;
      await blobs.remove(account, id);
      removed += 1;
    }
  }
  return removed;
}

async function findBlobs(database: Database, account: string): Promise<Set<string | null>> {
  const rows = await database.selectFrom('storage_items').select('blob').where('account_id', '=', account).execute();
  return new Set(rows.map(({ blob }) => blob));
}
