import { Readable } from 'node:stream';
import { isKosmosError, KosmosError } from '../../foundation/errors.ts';
import type { Database, Queries } from '../../database/database.ts';
import { fitsMatch, namesCurrent, type Preconditions } from '../preconditions.ts';
import type { ByteRange } from '../ranges.ts';
import type { Blob, BlobStore } from './blobs.ts';
import type { Durability } from './durability.ts';
import {
  addBytes,
  findChildren,
  findChildVersions,
  findItem,
  nextVersion,
  OVERHEAD,
  putDocument,
  removeDocument,
  touchFolders,
  type ChildRow,
  type DocumentRow,
} from './items.ts';
import { findSmall, insertSmall, isSmall, removeSmall, takeSmall } from './small-contents.ts';
import { LimitSource, Uploads, type Limits } from './limits.ts';

export interface Content {
  readonly type: string;
  readonly bytes: AsyncIterable<Buffer>;
  /** Content-Length, where the client gave one. */
  readonly length?: number;
}

export interface Written {
  readonly etag: string;
  readonly created: boolean;
}

/** Version of a folder that has nothing in it; it has no row. */
const EMPTY = 'empty';

/**
 * The documents of every account: the tree in our database, contents in a blob store, small ones in the database too. A write stores its
 * content under a fresh name, commits tree, versions and quota in one transaction, waits for the disk, then drops the old content:
 * whenever the process dies, each document is either as before or as after.
 */
export class Documents {
  readonly #database: Database;
  readonly #blobs: BlobStore;
  readonly #durability: Durability;
  readonly #limits: LimitSource;
  readonly #uploads = new Uploads();

  constructor(database: Database, blobs: BlobStore, durability: Durability) {
    this.#database = database;
    this.#blobs = blobs;
    this.#durability = durability;
    this.#limits = new LimitSource(database);
  }

  async findDocument(accountId: string, names: readonly string[]): Promise<DocumentRow | undefined> {
    return (await findItem(this.#database, accountId, names)).document;
  }

  /** What is in the folder, by name; of those that are `wanted` only, if any are named. */
  findChildren(accountId: string, names: readonly string[], wanted?: readonly string[]): Promise<ChildRow[]> {
    return findChildren(this.#database, accountId, names, wanted);
  }

  findChildVersions(accountId: string, names: readonly string[]): Promise<Pick<ChildRow, 'name' | 'etag'>[]> {
    return findChildVersions(this.#database, accountId, names);
  }

  /** A folder that does not exist is an empty one. */
  async findFolderVersion(accountId: string, names: readonly string[]): Promise<string> {
    return (await findItem(this.#database, accountId, names)).folder?.etag ?? EMPTY;
  }

  /** Undefined if the content was replaced after `document` was read: look the document up again. */
  async openContent(accountId: string, { blob }: DocumentRow, range?: ByteRange): Promise<Readable | undefined> {
    if (!isSmall(blob)) return this.#blobs.open(accountId, blob, range);
    const content = await findSmall(this.#database, blob, range);
    return content && Readable.from([content], { objectMode: false });
  }

  /**
   * Throws KOSMOS_ERR_STORAGE_CONDITION, KOSMOS_ERR_STORAGE_CLASH, KOSMOS_ERR_TOO_LARGE or KOSMOS_ERR_STORAGE_QUOTA, where it can
   * before the content is read.
   */
  async put(accountId: string, names: readonly string[], content: Content, preconditions: Preconditions): Promise<Written> {
    const limits = await this.#limits.find(accountId);
    const before = await findItem(this.#database, accountId, names);
    checkWrite(before, preconditions);
    const room = { ...limits, bytes: limits.bytes - (before.document?.length ?? 0) };
    checkLength(content.length, room);
    const stored = await this.#store(accountId, this.#uploads.bound(accountId, content.bytes, room), limits.small);
    const write = { accountId, names, type: content.type, stored, preconditions, quota: limits.quota };
    const commit = this.#database.transaction().execute((queries) => commitPut(queries, write));
    const { etag, replaced } = await this.#dropOnRefusal(commit, accountId, stored);
    await this.#durability.settle();
    if (replaced) await this.#dropFile(accountId, replaced);
    return { etag, created: replaced === undefined };
  }

  /** The version that was removed; undefined if there was no such document. Throws KOSMOS_ERR_STORAGE_CONDITION. */
  async remove(accountId: string, names: readonly string[], preconditions: Preconditions): Promise<string | undefined> {
    const removed = await this.#database.transaction().execute(async (queries) => {
      const { etag } = await nextVersion(queries, accountId);
      const { document } = await findItem(queries, accountId, names);
      checkConditions(document?.etag, preconditions);
      if (document) await this.#removeFrom(queries, accountId, names, document, etag);
      return document;
    });
    await this.#durability.settle();
    if (removed) await this.#dropFile(accountId, removed.blob);
    return removed?.etag;
  }

  async #store(accountId: string, content: AsyncGenerator<Buffer>, small: number): Promise<Buffer | Blob> {
    try {
      const received = await takeSmall(content, small);
      return Buffer.isBuffer(received) ? received : await this.#blobs.create(accountId, received);
    } finally {
      await content.return(undefined);
    }
  }

  async #removeFrom(queries: Queries, accountId: string, names: readonly string[], document: DocumentRow, etag: string): Promise<void> {
    await removeDocument(queries, accountId, names, etag);
    if (isSmall(document.blob)) await removeSmall(queries, document.blob);
    await addBytes(queries, accountId, -(document.length + OVERHEAD));
  }

  /** The document is as it should be already: what cannot be dropped now is swept at the next start. */
  async #dropFile(accountId: string, blob: string): Promise<void> {
    if (!isSmall(blob)) await this.#blobs.remove(accountId, blob).catch(() => undefined);
  }

  /** Only where we refused ourselves: after a lost connection nobody knows whether the commit went through, so that is left to the sweep. */
  async #dropOnRefusal<T>(commit: Promise<T>, accountId: string, stored: Buffer | Blob): Promise<T> {
    try {
      return await commit;
    } catch (error) {
      if (isKosmosError(error) && !Buffer.isBuffer(stored)) await this.#dropFile(accountId, stored.id);
      throw error;
    }
  }
}

interface PutWrite {
  readonly accountId: string;
  readonly names: readonly string[];
  readonly type: string;
  /** A small content itself, or the blob that holds it. */
  readonly stored: Buffer | Blob;
  readonly preconditions: Preconditions;
  readonly quota: number;
}

async function commitPut(queries: Queries, write: PutWrite): Promise<{ etag: string; replaced: string | undefined }> {
  const { accountId, names, type, stored, preconditions, quota } = write;
  const { etag, bytes } = await nextVersion(queries, accountId);
  const item = await findItem(queries, accountId, names);
  checkWrite(item, preconditions);
  const growth = stored.length - (item.document ? item.document.length : -OVERHEAD);
  if (growth > 0 && bytes + growth > quota) throw new KosmosError('KOSMOS_ERR_STORAGE_QUOTA', { quota });
  const replaced = item.document?.blob;
  const blob = Buffer.isBuffer(stored) ? await insertSmall(queries, accountId, stored) : stored.id;
  await touchFolders(queries, accountId, names.slice(0, -1), etag);
  await putDocument(queries, accountId, names, { etag, type, length: stored.length, blob });
  await addBytes(queries, accountId, growth);
  if (replaced && isSmall(replaced)) await removeSmall(queries, replaced);
  return { etag, replaced };
}

function checkLength(length: number | undefined, limits: Limits & { bytes: number }): void {
  if (length === undefined) return;
  if (length > limits.document) throw new KosmosError('KOSMOS_ERR_TOO_LARGE', { limit: limits.document });
  if (limits.bytes + length > limits.quota) throw new KosmosError('KOSMOS_ERR_STORAGE_QUOTA', { quota: limits.quota });
}

function checkWrite(item: { document?: DocumentRow; folder?: object }, preconditions: Preconditions): void {
  if (item.folder) throw new KosmosError('KOSMOS_ERR_STORAGE_CLASH');
  checkConditions(item.document?.etag, preconditions);
}

function checkConditions(etag: string | undefined, preconditions: Preconditions): void {
  if (!fitsMatch(preconditions, etag) || namesCurrent(preconditions, etag)) throw new KosmosError('KOSMOS_ERR_STORAGE_CONDITION');
}
