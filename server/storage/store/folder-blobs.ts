import { randomUUID } from 'node:crypto';
import { constants, type Dirent } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, writeFile, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import type { ByteRange } from '../ranges.ts';
import type { Blob, BlobStore } from './blobs.ts';

const INCOMING = 'incoming';

/**
 * Blobs as files: `<folder>/<account id>/<two characters>/<uuid>`. Names of documents never reach the file system, so neither case,
 * Unicode nor length matters there.
 */
export class FolderBlobs implements BlobStore {
  readonly #folder: string;
  readonly #known = new Set<string>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Throws away what a process that was killed had half received: there is one process for a folder. */
  static async openAt(folder: string): Promise<FolderBlobs> {
    await rm(path.join(folder, INCOMING), { recursive: true, force: true });
    await mkdir(path.join(folder, INCOMING), { recursive: true, mode: 0o700 });
    return new FolderBlobs(folder);
  }

  async create(account: string, content: AsyncIterable<Buffer>): Promise<Blob> {
    const id = randomUUID();
    const fresh = path.join(this.#folder, INCOMING, id);
    try {
      const length = await writeDurably(fresh, content);
      const file = this.#fileOf(account, id);
      await this.#ensureFolder(path.dirname(file));
      await rename(fresh, file);
      await syncFolder(path.dirname(file));
      return { id, length };
    } catch (error) {
      await rm(fresh, { force: true });
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
    const entries = await readdir(this.#folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory() && entry.name !== INCOMING).map(({ name }) => name);
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
  try {
    await writeFile(handle, content);
    await handle.sync();
    return (await handle.stat()).size;
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
