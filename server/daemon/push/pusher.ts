import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from '../../foundation/logging.ts';
import type { Database } from '../../database/database.ts';
import type { PushMessage, PushService } from './service.ts';
import { findSubscriptions, noteDelivery, removeSubscription, type Subscription } from './subscriptions.ts';

export interface Push extends PushMessage {
  /** Asked before every attempt: false if the message was read by now. */
  isWanted(): Promise<boolean>;
}

/** Seconds between attempts: a push service that is away is back by then, or the message is old. */
const DELAYS = [5, 30, 120, 600];
const LONGEST_DELAY = 3_600;
/** The browser took its subscription back (RFC 8030, 7.3): the only answers for which it is forgotten. */
const GONE = new Set([404, 410]);

/** Brings messages to an account's browsers, again where a push service was away; of one topic only the newest waits. */
export class Pusher {
  readonly #database: Database;
  readonly service: PushService;
  readonly #logger: Logger;
  readonly #delays: readonly number[];
  readonly #closing = new AbortController();
  /** The newest push by subscription and topic: one that is not in here any more is overtaken. */
  readonly #newest = new Map<string, Push>();
  readonly #running = new Set<Promise<void>>();

  constructor(database: Database, service: PushService, logger: Logger, delays: readonly number[] = DELAYS) {
    this.#database = database;
    this.service = service;
    this.#logger = logger;
    this.#delays = delays;
  }

  /** Resolves after the first attempts; later ones go on by themselves. Returns how many browsers have it or may still get it. */
  async push(accountId: string, push: Push): Promise<number> {
    const subscriptions = await findSubscriptions(this.#database, accountId);
    const first = await Promise.all(subscriptions.map((subscription) => this.#begin(subscription, push)));
    return first.filter(Boolean).length;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#running);
  }

  async #begin(subscription: Subscription, push: Push): Promise<boolean> {
    const key = `${subscription.id} ${push.topic ?? ''}`;
    if (push.topic) this.#newest.set(key, push);
    const { isDelivered, delay } = await this.#attempt(subscription, push, 0);
    if (delay === undefined) {
      if (this.#newest.get(key) === push) this.#newest.delete(key);
      return isDelivered;
    }
    // Tried again later.
    const running = this.#repeat(subscription, push, key, delay).finally(() => this.#running.delete(running));
    this.#running.add(running);
    return true;
  }

  async #repeat(subscription: Subscription, push: Push, key: string, firstDelay: number): Promise<void> {
    let delay: number | undefined = firstDelay;
    for (let attempt = 1; delay !== undefined && attempt <= this.#delays.length; attempt += 1) {
      await wait(delay * 1_000, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      const isOvertaken = push.topic !== undefined && this.#newest.get(key) !== push;
      if (this.#closing.signal.aborted || isOvertaken || !(await push.isWanted())) break;
      ({ delay } = await this.#attempt(subscription, push, attempt));
    }
    if (this.#newest.get(key) === push) this.#newest.delete(key);
  }

  /** `delay` are the seconds after which to try again, undefined if that is of no use. */
  async #attempt(subscription: Subscription, push: Push, attempt: number): Promise<{ isDelivered: boolean; delay?: number }> {
    const { hops, status, retryAfter } = await this.service.send(subscription, push);
    const last = hops.at(-1);
    const isDelivered = status !== undefined && status < 300;
    if (status !== undefined && GONE.has(status)) {
      await removeSubscription(this.#database, subscription.accountId, subscription.endpoint);
      return { isDelivered: false };
    }
    await noteDelivery(this.#database, subscription, isDelivered ? null : (last?.detail ?? 'unknown'));
    if (isDelivered) return { isDelivered };
    this.#logger.info({ subscription: subscription.id, hops }, 'a push was not taken');
    const isFinal = status !== undefined && status >= 400 && status < 500 && status !== 429;
    if (isFinal) return { isDelivered };
    return { isDelivered, delay: Math.min(retryAfter ?? this.#delays[attempt] ?? LONGEST_DELAY, LONGEST_DELAY) };
  }
}
