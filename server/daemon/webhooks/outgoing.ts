import { createHmac } from 'node:crypto';
import { newId } from '../../foundation/crypto.ts';
import { KosmosError, messageOf } from '../../foundation/errors.ts';
import type { Logger } from '../../foundation/logging.ts';
import { publicOnly, type FindAddresses } from '../../foundation/public-address.ts';
import { timestamp, type Database } from '../../database/database.ts';
import { spokenKinds, type NewMessage } from '../../archive/message.ts';
import { findChannelById } from '../../teams/channels.ts';
import { findOutgoingWebhooks, openSecret, type OutgoingWebhook } from '../../teams/outgoing-webhooks.ts';
import { BOT_NAME } from '../../identity/names.ts';
import type { Recorded } from '../logger/lane.ts';
import { requestAt } from '../../foundation/outside.ts';

/** Seconds after each failed attempt. */
const DELAYS = [10, 60, 600, 3_600, 21_600];
const LIMIT = 10_000;
const AT_ONCE = 20;
const KEPT = 7 * 24 * 3_600_000;
const MOST_KEPT = 1_000;
const FORGET_EVERY = 60_000;
/** What was said longer ago, while the daemon was down, is not told any more. */
const RECENT = 3_600_000;

interface DueCall {
  readonly id: string;
  readonly body: string;
  readonly attempts: number;
  readonly webhookId: string;
  readonly url: string;
  readonly secret: string;
}

interface Answer {
  readonly status: number | null;
  readonly outcome: string;
}

/** Calls the addresses that want to know of messages. Calls are kept in the database until they are answered or given up. */
export class OutgoingWebhooks {
  readonly #database: Database;
  readonly #key: Buffer;
  readonly #logger: Logger;
  readonly #findAddresses: FindAddresses;
  readonly #delays: readonly number[];
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();
  #closed = false;
  #forgotAt = 0;

  constructor(
    database: Database,
    key: Buffer,
    logger: Logger,
    findAddresses: FindAddresses = publicOnly,
    delays: readonly number[] = DELAYS,
  ) {
    this.#database = database;
    this.#key = key;
    this.#logger = logger;
    this.#findAddresses = findAddresses;
    this.#delays = delays;
    this.#schedule(0);
  }

  async take({ channelId, messages }: Recorded): Promise<void> {
    const told = messages.filter(isForOthers);
    const webhooks = told.length > 0 ? await findOutgoingWebhooks(this.#database, { id: channelId }) : [];
    const channel = webhooks.length > 0 ? await findChannelById(this.#database, channelId) : undefined;
    if (!channel) return;
    const rows = webhooks.flatMap((webhook) =>
      told.filter(({ text }) => wants(webhook, text)).map((message) => callFor(webhook, { id: channel.id, name: channel.name }, message)),
    );
    if (rows.length > 0) await this.#database.insertInto('outgoing_deliveries').values(rows).execute();
    this.#schedule(0);
  }

  /** Calls the address once, now, with something that says it is a test; the log keeps what came of it. */
  async test(webhookId: string): Promise<Answer> {
    const row = await this.#database.selectFrom('outgoing_webhooks').selectAll().where('id', '=', webhookId).executeTakeFirst();
    if (!row) throw new KosmosError('KOSMOS_ERR_OUTGOING_WEBHOOK_NOT_FOUND');
    const channel = await findChannelById(this.#database, row.channel_id);
    const body = JSON.stringify({ type: 'test', webhook: row.name, channel: { id: row.channel_id, name: channel?.name ?? '' } });
    const [id, now] = [newId(), timestamp()];
    const { status, outcome } = await this.#post(row.url, id, body, openSecret(this.#key, row));
    await this.#database
      .insertInto('outgoing_deliveries')
      .values({ id, webhook_id: row.id, body, created_at: now, attempts: 1, next_at: null, status, outcome })
      .execute();
    return { status, outcome };
  }

  /** Makes a call of the history once more, now and as it was. Throws KOSMOS_ERR_WEBHOOK_CALL_NOT_FOUND. */
  async repeat(webhookId: string, callId: string): Promise<Answer> {
    const call = await this.#calls().where('webhooks.id', '=', webhookId).where('calls.id', '=', callId).executeTakeFirst();
    if (!call) throw new KosmosError('KOSMOS_ERR_WEBHOOK_CALL_NOT_FOUND');
    return this.#call(call);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#work;
  }

  #schedule(wait: number): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#work = this.#work.then(() => this.#callDue());
    }, wait);
  }

  async #callDue(): Promise<void> {
    try {
      const due = await this.#calls().where('calls.next_at', '<=', timestamp()).orderBy('calls.next_at').limit(AT_ONCE).execute();
      await Promise.all(due.map((call) => this.#call(call)));
      await this.#forgetOld();
      await this.#scheduleNext();
    } catch (error) {
      this.#logger.error({ err: error }, 'outgoing webhooks wait for the database');
      this.#schedule(LIMIT);
    }
  }

  #calls() {
    return this.#database
      .selectFrom('outgoing_deliveries as calls')
      .innerJoin('outgoing_webhooks as webhooks', 'webhooks.id', 'calls.webhook_id')
      .select(['calls.id', 'calls.body', 'calls.attempts', 'webhooks.id as webhookId', 'webhooks.url', 'webhooks.secret']);
  }

  async #call(call: DueCall): Promise<Answer> {
    const secret = openSecret(this.#key, { id: call.webhookId, secret: call.secret });
    const { status, outcome } = await this.#post(call.url, call.id, call.body, secret);
    const isDone = status !== null && status >= 200 && status < 300;
    const delay = this.#delays[call.attempts];
    const nextAt = isDone || delay === undefined ? null : timestamp(Date.now() + delay * 1_000);
    await this.#database
      .updateTable('outgoing_deliveries')
      .set({ attempts: call.attempts + 1, status, outcome, next_at: nextAt })
      .where('id', '=', call.id)
      .execute();
    return { status, outcome };
  }

  async #post(address: string, id: string, text: string, secret: string): Promise<Answer> {
    const url = new URL(address);
    const body = Buffer.from(text);
    const time = String(Math.floor(Date.now() / 1_000));
    const signature = createHmac('sha256', secret).update(`${time}.`).update(body).digest('hex');
    try {
      const [reachable] = await this.#findAddresses(url);
      if (reachable === undefined) return { status: null, outcome: `${url.hostname} has no public address` };
      const headers = {
        ...{ 'content-type': 'application/json', 'content-length': body.length, 'user-agent': 'Kosmos-Chat' },
        ...{ 'x-kosmos-delivery': id, 'x-kosmos-timestamp': time, 'x-kosmos-signature': `v1=${signature}` },
      };
      const { status } = await requestAt(url, reachable, { method: 'POST', headers, body, limit: LIMIT });
      return { status, outcome: `answered ${status}` };
    } catch (error) {
      return { status: null, outcome: messageOf(error).slice(0, 200) };
    }
  }

  async #scheduleNext(): Promise<void> {
    const row = await this.#database
      .selectFrom('outgoing_deliveries')
      .select((select) => select.fn.min('next_at').as('next'))
      .executeTakeFirst();
    if (row?.next) this.#schedule(Math.max(Date.parse(row.next) - Date.now(), 0));
  }

  /** The log has a week, and of a webhook that is called all the time the newest calls. */
  async #forgetOld(): Promise<void> {
    if (Date.now() - this.#forgotAt < FORGET_EVERY) return;
    this.#forgotAt = Date.now();
    const done = this.#database.deleteFrom('outgoing_deliveries').where('next_at', 'is', null);
    await done.where('created_at', '<', timestamp(Date.now() - KEPT)).execute();
    for (const { id } of await this.#database.selectFrom('outgoing_webhooks').select('id').execute()) {
      const ofWebhook = this.#database.selectFrom('outgoing_deliveries').select('created_at').where('webhook_id', '=', id);
      const oldest = await ofWebhook.orderBy('created_at', 'desc').offset(MOST_KEPT).limit(1).executeTakeFirst();
      if (oldest) await done.where('webhook_id', '=', id).where('created_at', '<=', oldest.created_at).execute();
    }
  }
}

/** What the bot itself says is not told: two appliances that call each other would never stop. */
function isForOthers({ kind, nick, account, sentAt }: NewMessage): boolean {
  const isBot = account === BOT_NAME || nick === BOT_NAME || nick.endsWith(`/${BOT_NAME}`);
  return (spokenKinds as readonly string[]).includes(kind) && !isBot && Date.now() - Date.parse(sentAt) < RECENT;
}

function wants({ trigger, word }: OutgoingWebhook, text: string): boolean {
  return trigger === 'message' || (word !== null && text.toLowerCase().includes(word));
}

function callFor(webhook: OutgoingWebhook, channel: { id: string; name: string }, message: NewMessage) {
  const { id, kind, nick, account, text, sentAt, replyTo } = message;
  const body = JSON.stringify({
    ...{ type: 'message', webhook: webhook.name, channel },
    message: { id, kind, nick, account: account ?? null, text, sentAt, replyTo: replyTo ?? null },
  });
  const now = timestamp();
  return { id: newId(), webhook_id: webhook.id, body, created_at: now, attempts: 0, next_at: now, status: null, outcome: null };
}
