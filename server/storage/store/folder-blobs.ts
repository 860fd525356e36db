import { randomUUID } from 'node:crypto';
import { constants, type Dirent } from 'node:fs';
import { mkdir, open, readdir, rm, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import type { ByteRange } from '../ranges.ts';
import type { Blob, BlobStore } from './blobs.ts';

/**
 * Blobs as files: `<folder>/<account id>/<two characters>/<uuid>`. Names of documents never reach the file system, so neither case,
 * Unicode nor length matters there. A file is written under its own name: nobody knows that name before the document is committed, and
 * a rename would cost a second wait for the disk. What a killed process left half written is unnamed, and swept.
 */
export class FolderBlobs implements BlobStore {
  readonly #folder: string;
  readonly #known = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async create(account: string, content: AsyncIterable<Buffer>): Promise<Blob> {
    const id = randomUUID();
    const file = this.#fileOf(account, id);
    await this.#ensureFolder(path.dirname(file));
    try {
      const length = await writeDurably(file, content);
      await syncFolder(path.dirname(file));
      return { id, length };
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    }
  }

  async open(account: string, id: string, range?: ByteRange): Promise<Readable | undefined> {
    const handle = await orUndefined(open(this.#fileOf(account, id), 'r'));
    return handle?.createReadStream(range);
  }

  async remove(account: string, id: string): Promise<void> {
    await rm(this.#fileOf(account, id), { force: true });
  }

  async accounts(): Promise<string[]> {
    return (await orUndefined(readdir(this.#folder))) ?? [];
  }

  async *olderThan(account: string, time: number): AsyncGenerator<string> {
    const folders = await orUndefined(readdir(path.join(this.#folder, account), { withFileTypes: true }));
    for (const { name } of folders ?? []) yield* this.#olderIn(path.join(this.#folder, account, name), time);
  }

  async *#olderIn(folder: string, time: number): AsyncGenerator<string> {
    const entries: Dirent[] = (await orUndefined(readdir(folder, { withFileTypes: true }))) ?? [];
    for (const { name } of entries) {
      const status = await orUndefined(stat(path.join(folder, name)));
      if (status && status.mtimeMs < time) yield name;
    }
  }

  /** The new folder's own entry has to be durable too, or a power cut could take all that was put in it. */
  async #ensureFolder(folder: string): Promise<void> {
    if (this.#known.has(folder)) return;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await syncFolder(path.dirname(folder));
    await syncFolder(this.#folder);
    this.#known.add(folder);
  }

  #fileOf(account: string, id: string): string {
    return path.join(this.#folder, account, id.slice(0, 2), id);
  }
}

async function writeDurably(file: string, content: AsyncIterable<Buffer>): Promise<number> {
  const handle = await open(file, 'wx', 0o600);
  let length = 0;
  try {
    for await (const chunk of content) {
      await handle.writeFile(chunk);
      length += chunk.length;
    }
    await handle.datasync();
    return length;
  } finally {
    await handle.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, constants.O_RDONLY);
    await handle.sync();
  } finally {
    await handle?.close();
  }
}

async function orUndefined<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
