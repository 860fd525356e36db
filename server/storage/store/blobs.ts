import type { Readable } from 'node:stream';
import type { ByteRange } from '../ranges.ts';

export interface Blob {
  readonly id: string;
  readonly length: number;
}

/** Contents of documents, each written once under a name of our own and never changed: what a reader has open stays whole. */
export interface BlobStore {
  /**
   * Stores what `content` yields; it would survive a power cut once this resolves. If `content` throws, nothing stays behind and the
   * error is passed on.
   */
  create(account: string, content: AsyncIterable<Buffer>): Promise<Blob>;
  /** Both ends of `range` included. Undefined if there is no such blob (it was replaced a moment ago). */
  open(account: string, id: string, range?: ByteRange): Promise<Readable | undefined>;
  /** Idempotent. */
  remove(account: string, id: string): Promise<void>;
  /** Every account that has blobs. */
  accounts(): Promise<string[]>;
  /** Blobs of an account that were made before `time` (milliseconds), in no order. */
  olderThan(account: string, time: number): AsyncIterable<string>;
}
