import type { FastifyRequest } from 'fastify';
import { isKosmosError, KosmosError, messageOf } from '../../foundation/errors.ts';
import type { Database } from '../../database/database.ts';
import type { Channel } from '../../teams/channels.ts';
import { noteCall, noteUse, openWebhook, type Webhook } from '../../teams/webhooks.ts';
import { addressOf, rawBody, type DaemonHttp } from '../http.ts';
import type { Utterance } from '../logger/home.ts';
import { RequestLimit } from '../rate.ts';
import { Deliveries } from './deliveries.ts';
import { textAt, type Delivery } from './formats/format.ts';
import { findFormat, readBody } from './reading.ts';

/** How something gets said in a channel. */
export type Say = (channel: Channel, utterance: Utterance) => Promise<void>;

const MINUTE = 60_000;
/** A busy repository's day; more would drown the channel. */
const perWebhook = { requests: 60, window: MINUTE };
/** Guesses at addresses. */
const perAddress = { failures: 30, window: MINUTE };
const LONGEST_TEXT = 8_000;
const LONGEST_NAME = 100;

type Params = { id?: string; secret: string };

/** `POST /hooks/<id>/<secret>` and, as Kosmos's bots know it, `POST /incoming/<secret>`. */
export function incomingWebhooks(app: DaemonHttp, database: Database, say: Say): void {
  const door = new WebhookDoor(database, say);
  for (const path of ['/hooks/:id/:secret', '/incoming/:secret']) {
    app.post<{ Params: Params }>(path, async (request, reply) => {
      const { format, outcome } = await door.receive(request, request.params);
      if (format === 'slack') return reply.type('text/plain').send('ok');
      return { ok: true, format, outcome };
    });
  }
}

class WebhookDoor {
  readonly #database: Database;
  readonly #say: Say;
  readonly #deliveries: Deliveries;
  readonly #requests = new RequestLimit(perWebhook.requests, perWebhook.window);
  readonly #guesses = new RequestLimit(perAddress.failures, perAddress.window);

  constructor(database: Database, say: Say) {
    this.#database = database;
    this.#say = say;
    this.#deliveries = new Deliveries(database);
  }

  async receive(request: FastifyRequest, { id, secret }: Params): Promise<{ format: string; outcome: string }> {
    const { webhook, channel } = await this.#open(request, secret, id);
    this.#requests.take(webhook.id);
    try {
      const taken = await this.#take(request, webhook, channel, secret);
      await noteUse(this.#database, webhook, null);
      await noteCall(this.#database, webhook, { ...taken, status: 200 });
      return taken;
    } catch (error) {
      if (isKosmosError(error)) {
        await noteUse(this.#database, webhook, messageOf(error));
        await noteCall(this.#database, webhook, { format: null, status: error.status, outcome: messageOf(error) });
      }
      throw error;
    }
  }

  async #open(request: FastifyRequest, secret: string, id: string | undefined): Promise<{ webhook: Webhook; channel: Channel }> {
    const address = addressOf(request);
    this.#guesses.check(address);
    try {
      return await openWebhook(this.#database, secret, id);
    } catch (error) {
      if (isKosmosError(error, 'KOSMOS_ERR_WEBHOOK_NOT_FOUND')) this.#guesses.take(address);
      throw error;
    }
  }

  async #take(request: FastifyRequest, webhook: Webhook, channel: Channel, secret: string): Promise<{ format: string; outcome: string }> {
    const raw = rawBody(request);
    const query = request.query as Record<string, unknown>;
    const delivery: Delivery = {
      raw,
      headers: request.headers as Record<string, string | undefined>,
      body: readBody(raw, request.headers['content-type'], query),
    };
    const format = findFormat(delivery);
    format.checkSignature?.(delivery, secret);
    checkRoom(delivery, channel);
    const words = format.read(delivery);
    if (!words) return { format: format.name, outcome: 'ignored: this event is not posted' };
    const repetition = format.deliveryId?.(delivery);
    if (repetition && !(await this.#deliveries.take(webhook.id, repetition))) return { format: format.name, outcome: 'posted before' };
    try {
      await this.#say(channel, {
        name: (words.name ?? webhook.name).slice(0, LONGEST_NAME),
        text: [...words.text].slice(0, LONGEST_TEXT).join(''),
      });
    } catch (error) {
      if (repetition) await this.#deliveries.giveBack(webhook.id, repetition);
      throw error;
    }
    return { format: format.name, outcome: 'posted' };
  }
}

/** Throws KOSMOS_ERR_WEBHOOK_ROOM for a message that asks for another channel than the webhook's. */
function checkRoom({ body }: Delivery, channel: Channel): void {
  const room = textAt(body, 'room') || textAt(body, 'channel');
  const wanted = room.replace(/^#/, '').toLowerCase();
  if (typeof body.message !== 'undefined' && wanted !== '' && wanted !== channel.name && wanted !== channel.address) {
    throw new KosmosError('KOSMOS_ERR_WEBHOOK_ROOM', { channel: channel.name, room: room.slice(0, 60) });
  }
}
