import { isKosmosError, messageOf, type ErrorCode } from '../../../foundation/errors.ts';
import type { ConnectionState } from '../platform.ts';
import type { Timings } from './connection/timings.ts';

export interface LifeOptions {
  readonly timings: Timings;
  /** One attempt: resolves once the server took the log-in. */
  open(): Promise<void>;
  report(state: ConnectionState, reason?: string): void;
}

/** Another attempt with the same credentials would end the same way. */
const hopeless: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'KOSMOS_ERR_SERVER_LOGIN',
  'KOSMOS_ERR_HOST_REFUSED',
  'KOSMOS_ERR_ACCOUNT_DISABLED',
  'KOSMOS_ERR_ACCOUNT_NOT_FOUND',
]);

/** A connection that is wanted: it is tried again with growing pauses until it stands, is hopeless, or is not wanted any more. */
export class Life {
  readonly #options: LifeOptions;
  #state: 'idle' | 'connected' | 'ended' = 'idle';
  #attempt: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;

  constructor(options: LifeOptions) {
    this.#options = options;
  }

  get ended(): boolean {
    return this.#state === 'ended';
  }

  /** Resolves when connected. Rejects with what went wrong this time; unless that is hopeless, it goes on by itself. */
  connect(): Promise<void> {
    if (this.#state === 'connected') return Promise.resolve();
    clearTimeout(this.#timer);
    this.#attempt ??= this.#try().finally(() => (this.#attempt = undefined));
    return this.#attempt;
  }

  /** The connection broke. */
  lost(reason: string): void {
    if (this.#state !== 'connected') return;
    this.#state = 'idle';
    this.#options.report('disconnected', reason);
    this.#retryLater();
  }

  end(): void {
    this.#state = 'ended';
    clearTimeout(this.#timer);
  }

  async #try(): Promise<void> {
    this.#options.report('connecting');
    try {
      await this.#options.open();
      this.#failures = 0;
      if (this.#state === 'idle') this.#state = 'connected';
    } catch (error) {
      this.#failures += 1;
      this.#failed(error);
      throw error;
    }
  }

  #failed(error: unknown): void {
    if (this.#state === 'ended') return;
    if (isKosmosError(error) && hopeless.has(error.code)) {
      this.end();
      this.#options.report('failed', error.message);
    } else {
      this.#options.report('disconnected', messageOf(error));
      this.#retryLater();
    }
  }

  /** Doubles up to the longest pause; half of it is chance, so that a thousand sessions do not come back in one moment. */
  #retryLater(): void {
    const { firstRetry, longestRetry } = this.#options.timings;
    const pause = Math.min(longestRetry, firstRetry * 2 ** Math.min(this.#failures, 16));
    this.#timer = setTimeout(() => this.connect().catch(() => undefined), pause / 2 + (Math.random() * pause) / 2);
  }
}
