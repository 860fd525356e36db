import { newId, seal, unseal } from '../../foundation/crypto.ts';
import { timestamp, type Database } from '../../database/database.ts';
import type { ActivityObject } from '../platforms/platform.ts';

/** What is kept of a session to a server that is not ours. */
export interface StoredSession {
  readonly id: string;
  readonly account: { readonly id: string; readonly name: string };
  readonly platform: string;
  readonly actor: ActivityObject;
  readonly credentials: Readonly<Record<string, unknown>>;
  readonly rooms: readonly ActivityObject[];
}

export type NewSession = Omit<StoredSession, 'id' | 'rooms'>;

/** Sessions that come back after a restart. Credentials are sealed for their row; nobody but the gateway reads them. */
export class SessionStore {
  readonly #database: Database;
  readonly #key: Buffer;

  constructor(database: Database, key: Buffer) {
    this.#database = database;
    this.#key = key;
  }

  /** Makes the row or replaces its credentials; rooms stay. Returns its id. */
  async save({ account, platform, actor, credentials }: NewSession): Promise<string> {
    const actorId = actor.id ?? '';
    const existing = await this.#database
      .selectFrom('gateway_sessions')
      .select('id')
      .where('account_id', '=', account.id)
      .where('platform', '=', platform)
      .where('actor_id', '=', actorId)
      .executeTakeFirst();
    const id = existing?.id ?? newId();
    const sealed = seal(JSON.stringify(credentials), this.#key, contextOf(id));
    await this.#database
      .insertInto('gateway_sessions')
      .values({
        ...{ id, account_id: account.id, platform, actor_id: actorId, actor: JSON.stringify(actor) },
        ...{ credentials: sealed, rooms: '[]', created_at: timestamp() },
      })
      .onConflict((conflict) => conflict.columns(['account_id', 'platform', 'actor_id']).doUpdateSet({ credentials: sealed }))
      .execute();
    return id;
  }

  async saveRooms(id: string, rooms: readonly ActivityObject[]): Promise<void> {
    await this.#database
      .updateTable('gateway_sessions')
      .set({ rooms: JSON.stringify(rooms) })
      .where('id', '=', id)
      .execute();
  }

  async remove(id: string): Promise<void> {
    await this.#database.deleteFrom('gateway_sessions').where('id', '=', id).execute();
  }

  /** Those of accounts that are not disabled. A row that cannot be opened (the key is another) is left out. */
  async findAll(): Promise<StoredSession[]> {
    const rows = await this.#database
      .selectFrom('gateway_sessions')
      .innerJoin('accounts', 'accounts.id', 'gateway_sessions.account_id')
      .selectAll('gateway_sessions')
      .select('accounts.name')
      .where('accounts.disabled_at', 'is', null)
      .orderBy('gateway_sessions.created_at')
      .execute();
    return rows.flatMap((row) => {
      const credentials = this.#open(row.credentials, row.id);
      if (!credentials) return [];
      return [
        {
          ...{ id: row.id, account: { id: row.account_id, name: row.name }, platform: row.platform, credentials },
          ...{ actor: JSON.parse(row.actor) as ActivityObject, rooms: JSON.parse(row.rooms) as ActivityObject[] },
        },
      ];
    });
  }

  #open(sealed: string, id: string): Record<string, unknown> | undefined {
    try {
      return JSON.parse(unseal(sealed, this.#key, contextOf(id))) as Record<string, unknown>;
    } catch {
      return undefined;
    }
  }
}

function contextOf(id: string): string {
  return `gateway-session:${id}`;
}
