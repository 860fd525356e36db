import { hashToken, newId, newToken } from '../foundation/crypto.ts';
import { KosmosError } from '../foundation/errors.ts';
import { timestamp, type Queries } from '../database/database.ts';
import type { Account } from '../identity/accounts.ts';
import { findChannelById, type Channel } from './channels.ts';

/** An address to which other programs send what shall be said in a channel. */
export interface Webhook {
  readonly id: string;
  readonly channelId: string;
  /** Under which it speaks, where a message names nobody else. */
  readonly name: string;
  readonly createdAt: string;
  readonly usedAt: string | null;
  /** What was wrong with the last message that was refused, until one is taken. */
  readonly lastError: string | null;
}

const MOST_WEBHOOKS = 100;
const LONGEST_NAME = 40;
const LONGEST_OUTCOME = 500;
/** Of one webhook, in its history. */
const MOST_CALLS = 100;

/** The secret is part of the address and stored nowhere. Throws KOSMOS_ERR_WEBHOOK_LIMIT or KOSMOS_ERR_WEBHOOK_NAME_INVALID. */
export async function createWebhook(
  queries: Queries,
  channel: Channel,
  by: Pick<Account, 'id'>,
  name: string,
): Promise<Webhook & { secret: string }> {
  const trimmed = checkWebhookName(name);
  if ((await findWebhooks(queries, channel)).length >= MOST_WEBHOOKS)
    throw new KosmosError('KOSMOS_ERR_WEBHOOK_LIMIT', { limit: MOST_WEBHOOKS });
  const secret = newToken();
  const row = {
    ...{ id: newId(), channel_id: channel.id, name: trimmed, secret_hash: hashToken(secret) },
    ...{ created_by: by.id, created_at: timestamp(), used_at: null, last_error: null },
  };
  await queries.insertInto('webhooks').values(row).execute();
  return { ...present(row), secret };
}

/** The name without spaces around it. Throws KOSMOS_ERR_WEBHOOK_NAME_INVALID. */
export function checkWebhookName(name: string): string {
  const trimmed = name.trim();
  if (trimmed === '' || trimmed.length > LONGEST_NAME) throw new KosmosError('KOSMOS_ERR_WEBHOOK_NAME_INVALID', { limit: LONGEST_NAME });
  return trimmed;
}

/** Throws KOSMOS_ERR_WEBHOOK_NOT_FOUND or KOSMOS_ERR_WEBHOOK_NAME_INVALID. */
export async function renameWebhook(queries: Queries, channel: Pick<Channel, 'id'>, id: string, name: string): Promise<Webhook> {
  return changeWebhook(queries, channel, id, { name: checkWebhookName(name) });
}

/** A new address; the old one stops working at once. Throws KOSMOS_ERR_WEBHOOK_NOT_FOUND. */
export async function rotateWebhook(queries: Queries, channel: Pick<Channel, 'id'>, id: string): Promise<Webhook & { secret: string }> {
  const secret = newToken();
  const webhook = await changeWebhook(queries, channel, id, { secret_hash: hashToken(secret) });
  return { ...webhook, secret };
}

async function changeWebhook(
  queries: Queries,
  channel: Pick<Channel, 'id'>,
  id: string,
  change: { name: string } | { secret_hash: string },
): Promise<Webhook> {
  const row = await queries
    .updateTable('webhooks')
    .set(change)
    .where('id', '=', id)
    .where('channel_id', '=', channel.id)
    .returningAll()
    .executeTakeFirst();
  if (!row) throw new KosmosError('KOSMOS_ERR_WEBHOOK_NOT_FOUND');
  return present(row);
}

/** Oldest first. */
export async function findWebhooks(queries: Queries, channel: Pick<Channel, 'id'>): Promise<Webhook[]> {
  const rows = await queries.selectFrom('webhooks').selectAll().where('channel_id', '=', channel.id).orderBy('created_at').execute();
  return rows.map(present);
}

/** Throws KOSMOS_ERR_WEBHOOK_NOT_FOUND. */
export async function removeWebhook(queries: Queries, channel: Pick<Channel, 'id'>, id: string): Promise<void> {
  const result = await queries.deleteFrom('webhooks').where('id', '=', id).where('channel_id', '=', channel.id).executeTakeFirst();
  if (Number(result.numDeletedRows) === 0) throw new KosmosError('KOSMOS_ERR_WEBHOOK_NOT_FOUND');
}

/** By the secret of its address, and the id where the address has one. Throws KOSMOS_ERR_WEBHOOK_NOT_FOUND. */
export async function openWebhook(queries: Queries, secret: string, id?: string): Promise<{ webhook: Webhook; channel: Channel }> {
  const row = await queries.selectFrom('webhooks').selectAll().where('secret_hash', '=', hashToken(secret)).executeTakeFirst();
  const channel = row && (id === undefined || id === row.id) ? await findChannelById(queries, row.channel_id) : undefined;
  if (!row || !channel) throw new KosmosError('KOSMOS_ERR_WEBHOOK_NOT_FOUND');
  return { webhook: present(row), channel };
}

export async function noteUse(queries: Queries, webhook: Webhook, error: string | null): Promise<void> {
  const change = error === null ? { used_at: timestamp(), last_error: null } : { last_error: error.slice(0, 500) };
  await queries.updateTable('webhooks').set(change).where('id', '=', webhook.id).execute();
}

/** What came of one message that came in, as the history shows it. */
export interface IncomingCall {
  readonly id: string;
  readonly at: string;
  /** Null where it was refused before one was recognised. */
  readonly format: string | null;
  /** HTTP's, as it was answered. */
  readonly status: number;
  readonly outcome: string;
}

/** Remembers what came of it, and forgets what is beyond the newest hundred. */
export async function noteCall(queries: Queries, webhook: Webhook, call: Omit<IncomingCall, 'id' | 'at'>): Promise<void> {
  const row = { id: newId(), webhook_id: webhook.id, at: timestamp(), ...call, outcome: call.outcome.slice(0, LONGEST_OUTCOME) };
  await queries.insertInto('webhook_calls').values(row).execute();
  const kept = queries.selectFrom('webhook_calls').select('at').where('webhook_id', '=', webhook.id);
  const oldest = await kept.orderBy('at', 'desc').offset(MOST_CALLS).limit(1).executeTakeFirst();
  if (!oldest) return;
  await queries.deleteFrom('webhook_calls').where('webhook_id', '=', webhook.id).where('at', '<=', oldest.at).execute();
}

/** The newest first. Throws KOSMOS_ERR_WEBHOOK_NOT_FOUND. */
export async function findIncomingCalls(queries: Queries, channel: Pick<Channel, 'id'>, id: string): Promise<IncomingCall[]> {
  const webhook = (await findWebhooks(queries, channel)).find((each) => each.id === id);
  if (!webhook) throw new KosmosError('KOSMOS_ERR_WEBHOOK_NOT_FOUND');
  const rows = queries.selectFrom('webhook_calls').select(['id', 'at', 'format', 'status', 'outcome']).where('webhook_id', '=', webhook.id);
  return rows.orderBy('at', 'desc').limit(MOST_CALLS).execute();
}

interface WebhookRow {
  id: string;
  channel_id: string;
  name: string;
  created_at: string;
  used_at: string | null;
  last_error: string | null;
}

function present(row: WebhookRow): Webhook {
  return {
    id: row.id,
    channelId: row.channel_id,
    name: row.name,
    createdAt: row.created_at,
    usedAt: row.used_at,
    lastError: row.last_error,
  };
}
