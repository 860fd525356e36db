import { newId } from '../../foundation/crypto.ts';
import { timestamp, type Queries } from '../../database/database.ts';

/** A browser that may be woken, as its PushSubscription says (https://www.w3.org/TR/push-api/). */
export interface Subscription {
  readonly id: string;
  readonly accountId: string;
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

export interface NewSubscription {
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

const MOST_PER_ACCOUNT = 20;

/** A browser belongs to who is logged in there now; of too many, the oldest goes. */
export async function addSubscription(
  queries: Queries,
  accountId: string,
  { endpoint, keys }: NewSubscription,
  userAgent?: string,
): Promise<void> {
  const values = {
    account_id: accountId,
    p256dh: keys.p256dh,
    auth: keys.auth,
    user_agent: userAgent?.slice(0, 200) ?? null,
    last_error: null,
  };
  await queries
    .insertInto('push_subscriptions')
    .values({ ...values, id: newId(), endpoint, created_at: timestamp(), delivered_at: null })
    .onConflict((conflict) => conflict.column('endpoint').doUpdateSet(values))
    .execute();
  const kept = queries
    .selectFrom('push_subscriptions')
    .select('id')
    .where('account_id', '=', accountId)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(MOST_PER_ACCOUNT);
  await queries.deleteFrom('push_subscriptions').where('account_id', '=', accountId).where('id', 'not in', kept).execute();
}

export async function findSubscriptions(queries: Queries, accountId: string): Promise<Subscription[]> {
  const rows = await queries.selectFrom('push_subscriptions').selectAll().where('account_id', '=', accountId).execute();
  return rows.map(({ id, account_id, endpoint, p256dh, auth }) => ({ id, accountId: account_id, endpoint, keys: { p256dh, auth } }));
}

export async function removeSubscription(queries: Queries, accountId: string, endpoint: string): Promise<void> {
  await queries.deleteFrom('push_subscriptions').where('account_id', '=', accountId).where('endpoint', '=', endpoint).execute();
}

export async function noteDelivery(queries: Queries, { id }: Subscription, error: string | null): Promise<void> {
  const change = error === null ? { delivered_at: timestamp(), last_error: null } : { last_error: error.slice(0, 300) };
  await queries.updateTable('push_subscriptions').set(change).where('id', '=', id).execute();
}
