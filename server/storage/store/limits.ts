import { KosmosError } from '../../foundation/errors.ts';
import type { Database } from '../../database/database.ts';
import { findSetting } from '../../database/settings.ts';
import { SMALL } from './small-contents.ts';

export interface Limits {
  /** Bytes that the account may store. */
  readonly quota: number;
  /** Bytes of the largest document. */
  readonly document: number;
  /** Contents of up to so many bytes lie in the database. */
  readonly small: number;
}

const READ_EVERY = 2_000;
const MEBIBYTE = 1024 * 1024;
const defaults: Limits = { quota: 1024 * MEBIBYTE, document: 64 * MEBIBYTE, small: SMALL };

/** The appliance's limits, read again after a few seconds; an account's own quota counts at once. */
export class LimitSource {
  readonly #database: Database;
  #stored: Promise<Limits> | undefined;
  #readAt = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(accountId: string): Promise<Limits & { bytes: number }> {
    const stored = await this.#findStored();
    const account = await this.#database
      .selectFrom('storage_accounts')
      .select(['quota', 'bytes'])
      .where('account_id', '=', accountId)
      .executeTakeFirst();
    return { ...stored, quota: account?.quota ?? stored.quota, bytes: account?.bytes ?? 0 };
  }

  async #findStored(): Promise<Limits> {
    if (!this.#stored || Date.now() - this.#readAt > READ_EVERY) {
      this.#readAt = Date.now();
      this.#stored = findSetting(this.#database, 'storageLimits').then((found) => ({ ...defaults, ...found }));
    }
    return this.#stored;
  }
}

/** Bytes that are being received, per account: many uploads at once cannot together outgrow a quota that each of them fits. */
export class Uploads {
  readonly #receiving = new Map<string, number>();

  /**
   * Passes `content` on as long as it fits beside the account's `bytes`. Throws KOSMOS_ERR_TOO_LARGE or KOSMOS_ERR_STORAGE_QUOTA in the
   * middle otherwise.
   */
  async *bound(accountId: string, content: AsyncIterable<Buffer>, limits: Limits & { bytes: number }): AsyncGenerator<Buffer> {
    let length = 0;
    try {
      for await (const chunk of content) {
        length += chunk.length;
        this.#add(accountId, chunk.length);
        if (length > limits.document) throw new KosmosError('KOSMOS_ERR_TOO_LARGE', { limit: limits.document });
        this.#checkQuota(accountId, limits);
        yield chunk;
      }
    } finally {
      this.#add(accountId, -length);
    }
  }

  #checkQuota(accountId: string, { quota, bytes }: { quota: number; bytes: number }): void {
    if (bytes + (this.#receiving.get(accountId) ?? 0) > quota) throw new KosmosError('KOSMOS_ERR_STORAGE_QUOTA', { quota });
  }

  #add(accountId: string, bytes: number): void {
    const sum = (this.#receiving.get(accountId) ?? 0) + bytes;
    if (sum > 0) this.#receiving.set(accountId, sum);
    else this.#receiving.delete(accountId);
  }
}
