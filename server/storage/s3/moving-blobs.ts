import type { Readable } from 'node:stream';
import type { ByteRange } from '../ranges.ts';
import type { Blob, BlobStore } from '../store/blobs.ts';
import type { BucketBlobs } from './bucket-blobs.ts';

/** A bucket for what comes, and the folder that was there before: read where a content is, while one after another is moved. */
export class MovingBlobs implements BlobStore {
  readonly #bucket: BucketBlobs;
  readonly #folder: BlobStore;

  constructor(bucket: BucketBlobs, folder: BlobStore) {
    this.#bucket = bucket;
    this.#folder = folder;
  }

  create(account: string, content: AsyncIterable<Buffer>): Promise<Blob> {
    return this.#bucket.create(account, content);
  }

  /** What is not in the folder any more is in the bucket already. */
  async open(account: string, id: string, range?: ByteRange): Promise<Readable | undefined> {
    return (await this.#folder.open(account, id, range)) ?? this.#bucket.open(account, id, range);
  }

  async remove(account: string, id: string): Promise<void> {
    await this.#folder.remove(account, id);
    await this.#bucket.remove(account, id);
  }

  async accounts(): Promise<string[]> {
    return [...new Set([...(await this.#folder.accounts()), ...(await this.#bucket.accounts())])];
  }

  async *olderThan(account: string, time: number): AsyncGenerator<string> {
    yield* this.#folder.olderThan(account, time);
    yield* this.#bucket.olderThan(account, time);
  }

  /** Moves what the folder has, from before `time`, into the bucket; killed in between it goes on at the next start. Returns how many. */
  async move(time: number, signal: AbortSignal): Promise<number> {
    let moved = 0;
    for (const account of await this.#folder.accounts()) {
      for await (const id of this.#folder.olderThan(account, time)) {
        if (signal.aborted) return moved;
        const content = await this.#folder.open(account, id);
        if (!content) continue;
        await this.#bucket.put(account, id, content as AsyncIterable<Buffer>);
        await this.#folder.remove(account, id);
        moved += 1;
      }
    }
    return moved;
  }
}
