import type { Readable } from 'node:stream';
import { isKosmosError, KosmosError } from '../../foundation/errors.ts';
import type { Database, Queries } from '../../database/database.ts';
import { fitsMatch, namesCurrent, type Preconditions } from '../preconditions.ts';
import type { ByteRange } from '../ranges.ts';
import type { BlobStore } from './blobs.ts';
import {
  addBytes,
  findChildren,
  findItem,
  nextVersion,
  OVERHEAD,
  putDocument,
  removeDocument,
  touchFolders,
  type ChildRow,
  type DocumentRow,
} from './items.ts';
import { findLimits, Uploads, type Limits } from './limits.ts';

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
 * The documents of every account: the tree in our database, contents in a blob store. A write stores its content under a fresh name, then
 * commits tree, versions and quota in one transaction, then drops the old content: whenever the process dies, each document is either as
 * before or as after.
 */
export class Documents {
  readonly #database: Database;
  readonly #blobs: BlobStore;
  readonly #uploads = new Uploads();

  constructor(database: Database, blobs: BlobStore) {
    this.#database = database;
    this.#blobs = blobs;
  }

  async findDocument(accountId: string, names: readonly string[]): Promise<DocumentRow | undefined> {
    return (await findItem(this.#database, accountId, names)).document;
  }

  /** What is in the folder, by name, and its version. A folder that does not exist is an empty one. */
  async listFolder(accountId: string, names: readonly string[]): Promise<{ etag: string; children: ChildRow[] }> {
    const { folder } = await findItem(this.#database, accountId, names);
    if (!folder) return { etag: EMPTY, children: [] };
    return { etag: folder.etag, children: await findChildren(this.#database, accountId, names) };
  }

  async findFolderVersion(accountId: string, names: readonly string[]): Promise<string> {
    return (await findItem(this.#database, accountId, names)).folder?.etag ?? EMPTY;
  }

  /** Undefined if the content was replaced after `document` was read: look the document up again. */
  openContent(accountId: string, document: DocumentRow, range?: ByteRange): Promise<Readable | undefined> {
    return this.#blobs.open(accountId, document.blob, range);
  }

  /**
   * Throws KOSMOS_ERR_STORAGE_CONDITION, KOSMOS_ERR_STORAGE_CLASH, KOSMOS_ERR_TOO_LARGE or KOSMOS_ERR_STORAGE_QUOTA, where it can
   * before the content is read.
   */
  async put(accountId: string, names: readonly string[], content: Content, preconditions: Preconditions): Promise<Written> {
    const limits = await findLimits(this.#database, accountId);
    const before = await findItem(this.#database, accountId, names);
    checkWrite(before, preconditions);
    const room = { ...limits, bytes: limits.bytes - (before.document?.length ?? 0) };
    checkLength(content.length, room);
    const blob = await this.#blobs.create(accountId, this.#uploads.bound(accountId, content.bytes, room));
    const commit = this.#database.transaction().execute(async (queries) => {
      const { etag, bytes } = await nextVersion(queries, accountId);
      const { document, ...rest } = await findItem(queries, accountId, names);
      checkWrite({ document, ...rest }, preconditions);
      const growth = blob.length - (document ? document.length : -OVERHEAD);
      if (growth > 0 && bytes + growth > limits.quota) throw new KosmosError('KOSMOS_ERR_STORAGE_QUOTA', { quota: limits.quota });
      await touchFolders(queries, accountId, names.slice(0, -1), etag);
      await putDocument(queries, accountId, names, { etag, type: content.type, length: blob.length, blob: blob.id });
      await addBytes(queries, accountId, growth);
      return { etag, replaced: document?.blob };
    });
    const { etag, replaced } = await this.#dropOnRefusal(commit, accountId, blob.id);
    if (replaced) await this.#blobs.remove(accountId, replaced);
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
    if (removed) await this.#blobs.remove(accountId, removed.blob);
    return removed?.etag;
  }

  async #removeFrom(queries: Queries, accountId: string, names: readonly string[], document: DocumentRow, etag: string): Promise<void> {
    await removeDocument(queries, accountId, names, etag);
    await addBytes(queries, accountId, -(document.length + OVERHEAD));
  }

  /** Only where we refused ourselves: after a lost connection nobody knows whether the commit went through, so that is left to the sweep. */
  async #dropOnRefusal<T>(commit: Promise<T>, accountId: string, blob: string): Promise<T> {
    try {
      return await commit;
    } catch (error) {
      if (isKosmosError(error)) await this.#blobs.remove(accountId, blob);
      throw error;
    }
  }
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
