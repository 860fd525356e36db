import { newId, newToken, seal, unseal } from '../foundation/crypto.ts';
import { KosmosError } from '../foundation/errors.ts';
import { timestamp, type Queries } from '../database/database.ts';
import type { Account } from '../identity/accounts.ts';
import type { Channel } from './channels.ts';

/** An address that is called when something is said in a channel. */
export interface OutgoingWebhook {
  readonly id: string;
  readonly channelId: string;
  readonly name: string;
  readonly url: string;
  /** Every message, or those that have `word` in them. */
  readonly trigger: 'message' | 'mention';
  readonly word: string | null;
  readonly createdAt: string;
}

export type NewOutgoingWebhook = Pick<OutgoingWebhook, 'name' | 'url' | 'trigger'> & { readonly word?: string };

/** One call, as the log shows it. */
export interface Call {
  readonly id: string;
  readonly createdAt: string;
  readonly attempts: number;
  /** When it is tried again; null if it is done with. */
  readonly nextAt: string | null;
  readonly status: number | null;
  readonly outcome: string | null;
}

const MOST_WEBHOOKS = 20;
const LONGEST_NAME = 40;
const MOST_CALLS = 100;

/** `key` seals the secret that signs calls; it is shown this once. Throws KOSMOS_ERR_WEBHOOK_URL, …_NAME_INVALID or …_LIMIT. */
export async function createOutgoingWebhook(
  queries: Queries,
  key: Buffer,
  channel: Channel,
  by: Pick<Account, 'id'>,
  wanted: NewOutgoingWebhook,
): Promise<OutgoingWebhook & { secret: string }> {
  const name = wanted.name.trim();
  if (name === '' || name.length > LONGEST_NAME) throw new KosmosError('KOSMOS_ERR_WEBHOOK_NAME_INVALID', { limit: LONGEST_NAME });
  checkUrl(wanted.url);
  const existing = await findOutgoingWebhooks(queries, channel);
  if (existing.length >= MOST_WEBHOOKS) throw new KosmosError('KOSMOS_ERR_WEBHOOK_LIMIT', { limit: MOST_WEBHOOKS });
  const [id, secret] = [newId(), newToken()];
  const row = {
    ...{ id, channel_id: channel.id, name, url: wanted.url, secret: seal(secret, key, contextOf(id)), trigger: wanted.trigger },
    ...{ word: wanted.word?.trim().toLowerCase() || null, created_by: by.id, created_at: timestamp() },
  };
  await queries.insertInto('outgoing_webhooks').values(row).execute();
  return { ...present(row), secret };
}

export async function findOutgoingWebhooks(queries: Queries, channel: Pick<Channel, 'id'>): Promise<OutgoingWebhook[]> {
  const rows = await queries
    .selectFrom('outgoing_webhooks')
    .selectAll()
    .where('channel_id', '=', channel.id)
    .orderBy('created_at')
    .execute();
  return rows.map(present);
}

/** False if the channel has no such webhook. */
export async function removeOutgoingWebhook(queries: Queries, channel: Pick<Channel, 'id'>, id: string): Promise<boolean> {
  const result = await queries.deleteFrom('outgoing_webhooks').where('id', '=', id).where('channel_id', '=', channel.id).executeTakeFirst();
  return Number(result.numDeletedRows) > 0;
}

/** The log of a webhook, newest first. */
export async function findCalls(queries: Queries, webhookId: string): Promise<Call[]> {
  const rows = await queries
    .selectFrom('outgoing_deliveries')
    .select(['id', 'created_at', 'attempts', 'next_at', 'status', 'outcome'])
    .where('webhook_id', '=', webhookId)
    .orderBy('created_at', 'desc')
    .limit(MOST_CALLS)
    .execute();
  return rows.map(({ id, created_at, attempts, next_at, status, outcome }) => ({
    ...{ id, createdAt: created_at, attempts, nextAt: next_at, status, outcome },
  }));
}

/** The secret that signs the calls of a webhook. */
export function openSecret(key: Buffer, row: { id: string; secret: string }): string {
  return unseal(row.secret, key, contextOf(row.id));
}

function checkUrl(text: string): void {
  const url = URL.canParse(text) && text.length <= 1_024 ? new URL(text) : undefined;
  const isCallable = url && (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '' && url.password === '';
  if (!isCallable) throw new KosmosError('KOSMOS_ERR_WEBHOOK_URL', { url: text.slice(0, 100) });
}

function contextOf(id: string): string {
  return `outgoing webhook ${id}`;
}

interface Row {
  id: string;
  channel_id: string;
  name: string;
  url: string;
  trigger: 'message' | 'mention';
  word: string | null;
  created_at: string;
}

function present({ id, channel_id, name, url, trigger, word, created_at }: Row): OutgoingWebhook {
  return { id, channelId: channel_id, name, url, trigger, word, createdAt: created_at };
}
