import { timestamp, type Database } from '../../database/database.ts';

const DAY = 24 * 3_600_000;
/** Longer than any sender tries again. */
const KEPT = 3 * DAY;
const CLEAN_EVERY = 3_600_000;
const LONGEST_ID = 200;

/** Which deliveries were taken, so that one that a sender repeats (it saw no answer) is said once. */
export class Deliveries {
  readonly #database: Database;
  #cleanedAt = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  /** False if it was taken before. */
  async take(webhookId: string, delivery: string): Promise<boolean> {
    await this.#clean();
    const result = await this.#database
      .insertInto('webhook_deliveries')
      .values({ webhook_id: webhookId, delivery: delivery.slice(0, LONGEST_ID), at: timestamp() })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return Number(result.numInsertedOrUpdatedRows) > 0;
  }

  /** It was not said after all: the next try may. */
  async giveBack(webhookId: string, delivery: string): Promise<void> {
    await this.#database
      .deleteFrom('webhook_deliveries')
      .where('webhook_id', '=', webhookId)
      .where('delivery', '=', delivery.slice(0, LONGEST_ID))
      .execute();
  }

  async #clean(): Promise<void> {
    if (Date.now() - this.#cleanedAt < CLEAN_EVERY) return;
    this.#cleanedAt = Date.now();
    await this.#database
      .deleteFrom('webhook_deliveries')
      .where('at', '<', timestamp(Date.now() - KEPT))
      .execute();
  }
}
