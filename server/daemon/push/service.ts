import net from 'node:net';
import webPush from 'web-push';
import { placeOf, publicOnly, type FindAddresses } from '../../foundation/public-address.ts';
import { messageOf } from '../../foundation/errors.ts';
import { requestAt } from '../../foundation/outside.ts';
import type { NewSubscription } from './subscriptions.ts';
import type { Vapid } from './vapid.ts';

/** What a push service made of a message, hop by hop. */
export interface Hop {
  readonly step: 'address' | 'connection' | 'answer';
  readonly ok: boolean;
  readonly detail: string;
}

export interface Outcome {
  readonly hops: readonly Hop[];
  readonly status?: number;
  /** Seconds that the service asks to wait. */
  readonly retryAfter?: number;
}

export interface PushMessage {
  /** Encrypted for the browser alone (RFC 8291). */
  readonly payload: object;
  /** Of several waiting messages with one topic the browser gets the newest (RFC 8030, 5.4). */
  readonly topic?: string;
  readonly isUrgent: boolean;
}

const LIMIT = 10_000;
const LIFETIME_SECONDS = 24 * 3_600;

/** Sends to push services. Endpoints come from browsers, that is from anybody: only public addresses are connected to, and what the admin named. */
export class PushService {
  readonly #vapid: Vapid;
  readonly #findAddresses: FindAddresses;
  readonly #inner: ReadonlySet<string>;

  constructor(vapid: Vapid, findAddresses: FindAddresses = publicOnly, inner: ReadonlySet<string> = new Set()) {
    this.#vapid = vapid;
    this.#findAddresses = findAddresses;
    this.#inner = inner;
  }

  get publicKey(): string {
    return this.#vapid.publicKey;
  }

  /** Whether an endpoint can be one at all; where its name leads is looked at each time. */
  accepts(endpoint: string): boolean {
    const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
    if (endpoint.length > 1_024 || url === undefined || url.username !== '') return false;
    if (this.#inner.has(placeOf(url))) return url.protocol === 'https:' || url.protocol === 'http:';
    return url.protocol === 'https:' && net.isIP(url.hostname.replace(/^\[|\]$/g, '')) === 0;
  }

  async send(subscription: NewSubscription, { payload, topic, isUrgent }: PushMessage): Promise<Outcome> {
    const url = new URL(subscription.endpoint);
    const addresses = await this.#findAddresses(url).catch(() => []);
    const [address] = addresses;
    if (!this.accepts(subscription.endpoint) || address === undefined) {
      return { hops: [{ step: 'address', ok: false, detail: `${url.hostname} has no public address` }] };
    }
    const hops: Hop[] = [{ step: 'address', ok: true, detail: `${url.hostname} is ${address}` }];
    try {
      const details = webPush.generateRequestDetails(subscription, JSON.stringify(payload), {
        ...{ vapidDetails: this.#vapid, TTL: LIFETIME_SECONDS, urgency: isUrgent ? 'high' : 'normal', contentEncoding: 'aes128gcm' },
        ...(topic ? { topic } : {}),
      });
      const sent = details.headers as Record<string, string | number>;
      const { status, headers } = await requestAt(url, address, {
        method: 'POST',
        headers: sent,
        body: details.body as Buffer,
        limit: LIMIT,
      });
      const retryAfter = Number(headers['retry-after']);
      hops.push({ step: 'connection', ok: true, detail: 'connected' });
      hops.push({ step: 'answer', ok: status < 300, detail: `the push service answered ${status}` });
      return { hops, status, ...(retryAfter > 0 ? { retryAfter } : {}) };
    } catch (error) {
      return { hops: [...hops, { step: 'connection', ok: false, detail: messageOf(error) }] };
    }
  }
}
