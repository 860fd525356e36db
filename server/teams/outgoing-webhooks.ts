import { newId, newToken, seal, unseal } from '../foundation/crypto.ts';
import { KosmosError } from '../foundation/errors.ts';
import { timestamp, type Queries } from '../database/database.ts';
import type { Account } from '../identity/accounts.ts';
import type { Channel } from './channels.ts';
import { checkWebhookName } from './webhooks.ts';

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

export interface NewOutgoingWebhook {
  readonly name: string;
  readonly url: string;
  readonly trigger: 'message' | 'mention';
  /** A mention needs one. */
  readonly word?: string | undefined;
}

/** What is absent stays as it is. */
export type OutgoingWebhookChange = { readonly [Field in keyof NewOutgoingWebhook]?: NewOutgoingWebhook[Field] | undefined };

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
const MOST_CALLS = 100;

/** `key` seals the secret that signs calls; it is shown this once. Throws KOSMOS_ERR_WEBHOOK_URL, …_WORD, …_NAME_INVALID or …_LIMIT. */
export async function createOutgoingWebhook(
  queries: Queries,
  key: Buffer,
  channel: Channel,
  by: Pick<Account, 'id'>,
  wanted: NewOutgoingWebhook,
): Promise<OutgoingWebhook & { secret: string }> {
  const checked = check(wanted);
  const existing = await findOutgoingWebhooks(queries, channel);
  if (existing.length >= MOST_WEBHOOKS) throw new KosmosError('KOSMOS_ERR_WEBHOOK_LIMIT', { limit: MOST_WEBHOOKS });
  const [id, secret] = [newId(), newToken()];
  const row = {
    ...{ id, channel_id: channel.id, secret: seal(secret, key, contextOf(id)), ...checked },
    ...{ created_by: by.id, created_at: timestamp() },
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

/** Throws KOSMOS_ERR_OUTGOING_WEBHOOK_NOT_FOUND. */
export async function getOutgoingWebhook(queries: Queries, channel: Pick<Channel, 'id'>, id: string): Promise<OutgoingWebhook> {
  const row = await queries
    .selectFrom('outgoing_webhooks')
    .selectAll()
    .where('id', '=', id)
    .where('channel_id', '=', channel.id)
    .executeTakeFirst();
  if (!row) throw notFound();
  return present(row);
}

/** Throws what `createOutgoingWebhook` does, or KOSMOS_ERR_OUTGOING_WEBHOOK_NOT_FOUND. */
export async function changeOutgoingWebhook(
  queries: Queries,
  channel: Pick<Channel, 'id'>,
  id: string,
  change: OutgoingWebhookChange,
): Promise<OutgoingWebhook> {
  const { name, url, trigger, word } = await getOutgoingWebhook(queries, channel, id);
  const checked = check({
    ...{ name: change.name ?? name, url: change.url ?? url, trigger: change.trigger ?? trigger, word: change.word ?? word ?? undefined },
  });
  await queries.updateTable('outgoing_webhooks').set(checked).where('id', '=', id).execute();
  return getOutgoingWebhook(queries, channel, id);
}

/** A new secret signs the calls from now on. Throws KOSMOS_ERR_OUTGOING_WEBHOOK_NOT_FOUND. */
export async function rotateOutgoingSecret(queries: Queries, key: Buffer, channel: Pick<Channel, 'id'>, id: string): Promise<string> {
  await getOutgoingWebhook(queries, channel, id);
  const secret = newToken();
  await queries
    .updateTable('outgoing_webhooks')
    .set({ secret: seal(secret, key, contextOf(id)) })
    .where('id', '=', id)
    .execute();
  return secret;
}

/** Throws KOSMOS_ERR_OUTGOING_WEBHOOK_NOT_FOUND. */
export async function removeOutgoingWebhook(queries: Queries, channel: Pick<Channel, 'id'>, id: string): Promise<void> {
  const result = await queries.deleteFrom('outgoing_webhooks').where('id', '=', id).where('channel_id', '=', channel.id).executeTakeFirst();
  if (Number(result.numDeletedRows) === 0) throw notFound();
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

/** Throws KOSMOS_ERR_WEBHOOK_CALL_NOT_FOUND. */
export async function getCall(queries: Queries, { id: webhookId }: Pick<OutgoingWebhook, 'id'>, id: string): Promise<Call> {
  const call = (await findCalls(queries, webhookId)).find((each) => each.id === id);
  if (!call) throw new KosmosError('KOSMOS_ERR_WEBHOOK_CALL_NOT_FOUND');
  return call;
}

/** The secret that signs the calls of a webhook. */
export function openSecret(key: Buffer, row: { id: string; secret: string }): string {
  return unseal(row.secret, key, contextOf(row.id));
}

function notFound(): KosmosError {
  return new KosmosError('KOSMOS_ERR_OUTGOING_WEBHOOK_NOT_FOUND');
}

function check({ name, url, trigger, word }: NewOutgoingWebhook) {
  checkUrl(url);
  const wanted = word?.trim().toLowerCase() || null;
  if (trigger === 'mention' && wanted === null) throw new KosmosError('KOSMOS_ERR_WEBHOOK_WORD');
  return { name: checkWebhookName(name), url, trigger, word: wanted };
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
