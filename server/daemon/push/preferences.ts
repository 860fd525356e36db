import type { Queries } from '../../database/database.ts';

export interface Preferences {
  /** Whether a push says who said what, or only that there is something. */
  readonly showsContent: boolean;
  /** `22:00`; both or neither. */
  readonly quietFrom: string | null;
  readonly quietUntil: string | null;
  readonly timeZone: string;
}

const standard: Preferences = { showsContent: true, quietFrom: null, quietUntil: null, timeZone: 'UTC' };

export async function findPreferences(queries: Queries, accountId: string): Promise<Preferences> {
  const row = await queries.selectFrom('push_preferences').selectAll().where('account_id', '=', accountId).executeTakeFirst();
  if (!row) return standard;
  return { showsContent: row.shows_content === 1, quietFrom: row.quiet_from, quietUntil: row.quiet_until, timeZone: row.time_zone };
}

export async function storePreferences(queries: Queries, accountId: string, preferences: Preferences): Promise<void> {
  const { showsContent, quietFrom, quietUntil, timeZone } = preferences;
  const values = {
    shows_content: showsContent ? (1 as const) : (0 as const),
    quiet_from: quietFrom,
    quiet_until: quietUntil,
    time_zone: timeZone,
  };
  await queries
    .insertInto('push_preferences')
    .values({ account_id: accountId, ...values })
    .onConflict((conflict) => conflict.column('account_id').doUpdateSet(values))
    .execute();
}
