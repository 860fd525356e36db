import { KosmosError } from '../foundation/errors.ts';
import { FailureLimit } from '../identity/rate-limit.ts';

/** So many requests in so many milliseconds for each key. */
export class RequestLimit {
  readonly #limit: FailureLimit;

  constructor(requests: number, window: number) {
    this.#limit = new FailureLimit({ failures: requests, window });
  }

  /** Counts one. Throws KOSMOS_ERR_RATE_LIMITED. */
  take(key: string): void {
    this.check(key);
    this.#limit.countFailure(key);
  }

  check(key: string): void {
    const seconds = this.#limit.secondsLeft(key);
    if (seconds > 0) throw new KosmosError('KOSMOS_ERR_RATE_LIMITED', { seconds });
  }
}
