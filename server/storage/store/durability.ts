import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { Settings } from '../../foundation/settings.ts';
import { dialectOf } from '../../database/database.ts';

/** Makes commits durable. */
export interface Durability {
  /** Resolves once everything that was committed before the call would survive a power cut. */
  settle(): Promise<void>;
}

/** PostgreSQL answers a commit when it is durable. */
const alreadyDurable: Durability = { settle: () => Promise.resolve() };

export function durabilityOf(settings: Settings): Durability {
  return dialectOf(settings) === 'postgres' ? alreadyDurable : new SharedSync(path.join(settings.dataFolder, 'kosmos.db-wal'));
}

/**
 * SQLite commits into its write-ahead log and, with `synchronous = NORMAL`, leaves it to the kernel when that reaches the disk.
 * `synchronous = FULL` would wait for it inside each commit, on the thread that serves everybody; here one fsync beside it serves all the
 * commits that came before. The log cannot be replaced under us: SQLite removes it only with the last connection, and ours is open.
 */
export class SharedSync implements Durability {
  readonly #file: string;
  #handle: Promise<FileHandle> | undefined;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /** One that is under way may have begun before the commit: it does not count. */
  settle(): Promise<void> {
    if (!this.#running) return this.#begin();
    this.#next ??= this.#running.then(
      () => this.#begin(),
      () => this.#begin(),
    );
    return this.#next;
  }

  #begin(): Promise<void> {
    this.#next = undefined;
    const running = this.#sync().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }

  async #sync(): Promise<void> {
    this.#handle ??= open(this.#file, constants.O_RDONLY);
    await (await this.#handle).datasync();
  }
}
