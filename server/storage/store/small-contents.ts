import { randomUUID } from 'node:crypto';
import type { Queries } from '../../database/database.ts';
import type { ByteRange } from '../ranges.ts';

/**
 * Contents that fit into a database page lie in a table, written by the transaction that writes the document: most documents of
 * remoteStorage apps are that small, and a file for each would cost a second wait for the disk and, on S3, a request.
 */
export const SMALL = 4_096;

/** No file's name (a UUID) begins so. */
const MARK = '~';

export function isSmall(blob: string): boolean {
  return blob.startsWith(MARK);
}

/** Returns what the document names it by. */
export async function insertSmall(queries: Queries, accountId: string, content: Buffer): Promise<string> {
  const id = MARK + randomUUID();
  await queries.insertInto('storage_contents').values({ id, account_id: accountId, content }).execute();
  return id;
}

export async function findSmall(queries: Queries, id: string, range?: ByteRange): Promise<Buffer | undefined> {
  const row = await queries.selectFrom('storage_contents').select('content').where('id', '=', id).executeTakeFirst();
  return range ? row?.content.subarray(range.start, range.end + 1) : row?.content;
}

export async function removeSmall(queries: Queries, id: string): Promise<void> {
  await queries.deleteFrom('storage_contents').where('id', '=', id).execute();
}

/** All of `content` if it has `limit` bytes at most, otherwise the same bytes to read on. */
export async function takeSmall(content: AsyncGenerator<Buffer>, limit: number): Promise<Buffer | AsyncIterable<Buffer>> {
  const head: Buffer[] = [];
  let length = 0;
  for (let next = await content.next(); !next.done; next = await content.next()) {
    head.push(next.value);
    length += next.value.length;
    if (length > limit) return resume(head, content);
  }
  return Buffer.concat(head);
}

async function* resume(head: readonly Buffer[], rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield* head;
  yield* rest;
}
