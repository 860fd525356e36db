import type { Database } from '../../database/database.ts';

/** Pushes that may still be on a screen, by account and conversation (a channel's id, or what the gateway calls a direct one). */
export class ShownPushes {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async add(accountId: string, conversation: string): Promise<void> {
    await this.#database
      .insertInto('shown_pushes')
      .values({ account_id: accountId, conversation })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  async has(accountId: string, conversation: string): Promise<boolean> {
    const row = await this.#database
      .selectFrom('shown_pushes')
      .select('conversation')
      .where('account_id', '=', accountId)
      .where('conversation', '=', conversation)
      .executeTakeFirst();
    return row !== undefined;
  }

  /** True if there was one. */
  async take(accountId: string, conversation: string): Promise<boolean> {
    const result = await this.#database
      .deleteFrom('shown_pushes')
      .where('account_id', '=', accountId)
      .where('conversation', '=', conversation)
      .executeTakeFirst();
    return Number(result.numDeletedRows) > 0;
  }
}
