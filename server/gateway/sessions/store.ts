import { newId, seal, unseal } from '../../foundation/crypto.ts';
import { timestamp, type Database } from '../../database/database.ts';
import type { Activity, ActivityObject, Progress } from '../platforms/platform.ts';

/** What is kept of a session to a server that is not ours. */
export interface StoredSession {
  readonly id: string;
  readonly account: { readonly id: string; readonly name: string };
  readonly platform: string;
  readonly actor: ActivityObject;
  readonly credentials: Readonly<Record<string, unknown>>;
  readonly rooms: readonly ActivityObject[];
  readonly markers: Readonly<Record<string, string>>;
  readonly progress: Progress;
}

export type NewSession = Omit<StoredSession, 'id' | 'rooms' | 'markers' | 'progress'>;

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

  async saveMarkers(id: string, markers: Readonly<Record<string, string>>): Promise<void> {
    await this.#database
      .updateTable('gateway_sessions')
      .set({ markers: JSON.stringify(markers) })
      .where('id', '=', id)
      .execute();
  }

  /** Notes how far a session has heard, and what of it nobody listened to; beyond `limit` the oldest goes. */
  async addHeard(id: string, progress: Progress, activities: readonly Activity[], limit: number): Promise<void> {
    await this.#database.transaction().execute(async (queries) => {
      if (Object.keys(progress).length > 0) {
        await queries
          .updateTable('gateway_sessions')
          .set({ heard: JSON.stringify(progress) })
          .where('id', '=', id)
          .execute();
      }
      if (activities.length === 0) return;
      const newest = activities.slice(-limit).map((activity) => ({ session_id: id, activity: JSON.stringify(activity) }));
      await queries.insertInto('gateway_missed').values(newest).execute();
      const edge = queries
        .selectFrom('gateway_missed')
        .select('id')
        .where('session_id', '=', id)
        .orderBy('id', 'desc')
        .offset(limit)
        .limit(1);
      await queries.deleteFrom('gateway_missed').where('session_id', '=', id).where('id', '<=', edge).execute();
    });
  }

  /** Returns what was missed, oldest first, and forgets it. */
  async takeMissed(id: string): Promise<Activity[]> {
    const rows = await this.#database
      .selectFrom('gateway_missed')
      .select(['id', 'activity'])
      .where('session_id', '=', id)
      .orderBy('id')
      .execute();
    const last = rows.at(-1);
    if (last) await this.#database.deleteFrom('gateway_missed').where('session_id', '=', id).where('id', '<=', last.id).execute();
    return rows.map(({ activity }) => JSON.parse(activity) as Activity);
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
          markers: JSON.parse(row.markers) as Record<string, string>,
          progress: JSON.parse(row.heard) as Progress,
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
