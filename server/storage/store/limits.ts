import { KosmosError } from '../../foundation/errors.ts';
import type { Queries } from '../../database/database.ts';
import { findSetting } from '../../database/settings.ts';

export interface Limits {
  /** Bytes that the account may store. */
  readonly quota: number;
  /** Bytes of the largest document. */
  readonly document: number;
}

const MEBIBYTE = 1024 * 1024;
const defaults: Limits = { quota: 1024 * MEBIBYTE, document: 64 * MEBIBYTE };

/** Read for each write: an admin's change counts at once. */
export async function findLimits(queries: Queries, accountId: string): Promise<Limits & { bytes: number }> {
  const stored = (await findSetting(queries, 'storageLimits')) ?? defaults;
  const account = await queries
    .selectFrom('storage_accounts')
    .select(['quota', 'bytes'])
    .where('account_id', '=', accountId)
    .executeTakeFirst();
  return { quota: account?.quota ?? stored.quota, document: stored.document, bytes: account?.bytes ?? 0 };
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
