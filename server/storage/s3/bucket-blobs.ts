import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { ByteRange } from '../ranges.ts';
import type { Blob, BlobStore } from '../store/blobs.ts';
import type { Bucket } from './bucket.ts';
import { spool } from './spool.ts';

const PAGE = 1_000;
/** Follows every name of a blob in the order of keys. */
const BEHIND = '~';

/**
 * Blobs as objects: `<folder>/<account id>/<time>-<uuid>`. The time, by our own clock, is in the name: that of a bucket may differ, and
 * the sweep must not take a blob for older than it is.
 */
export class BucketBlobs implements BlobStore {
  readonly #bucket: Bucket;
  readonly #folder: string;
  readonly #spoolFolder: string;

  /** `folder` is no other appliance's. */
  constructor(bucket: Bucket, folder: string, spoolFolder: string) {
    this.#bucket = bucket;
    this.#folder = folder;
    this.#spoolFolder = spoolFolder;
  }

  create(account: string, content: AsyncIterable<Buffer>): Promise<Blob> {
    return this.put(account, `${Date.now().toString(36)}-${randomUUID()}`, content);
  }

  /** Under a name that it has already: contents that come from elsewhere. */
  put(account: string, id: string, content: AsyncIterable<Buffer>): Promise<Blob> {
    return spool(this.#spoolFolder, content, async (payload) => {
      await this.#bucket.put(this.#keyOf(account, id), payload);
      return { id, length: payload.length };
    });
  }

  open(account: string, id: string, range?: ByteRange): Promise<Readable | undefined> {
    return this.#bucket.get(this.#keyOf(account, id), range);
  }

  remove(account: string, id: string): Promise<void> {
    return this.#bucket.remove(this.#keyOf(account, id));
  }

  async accounts(): Promise<string[]> {
    const accounts: string[] = [];
    for (let after = ''; ;) {
      const [key] = await this.#bucket.list(`${this.#folder}/`, after, 1);
      const account = key?.slice(this.#folder.length + 1).split('/')[0];
      if (!account) return accounts;
      accounts.push(account);
      after = this.#keyOf(account, BEHIND);
    }
  }

  async *olderThan(account: string, time: number): AsyncGenerator<string> {
    const prefix = this.#keyOf(account, '');
    for (let after = ''; ;) {
      const keys = await this.#bucket.list(prefix, after, PAGE);
      for (const id of keys.map((key) => key.slice(prefix.length))) if (timeOf(id) < time) yield id;
      if (keys.length < PAGE) return;
      after = keys.at(-1) ?? '';
    }
  }

  #keyOf(account: string, id: string): string {
    return `${this.#folder}/${account}/${id}`;
  }
}

/** 0 for one that came from a folder, whose name has none: those were made before. */
function timeOf(id: string): number {
  const [time = '', ...uuid] = id.split('-');
  return uuid.length === 5 ? Number.parseInt(time, 36) : 0;
}
