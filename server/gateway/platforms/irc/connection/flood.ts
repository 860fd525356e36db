import { KosmosError } from '../../../../foundation/errors.ts';

export interface FloodLimit {
  /** Lines that may go at once. */
  readonly burst: number;
  /** Milliseconds per further line. */
  readonly every: number;
}

/** Most networks allow a burst of five, then a line in two seconds (RFC 1459 section 8.10); a little faster is taken well. */
export const publicLimit: FloodLimit = { burst: 5, every: 1_200 };

const MOST_WAITING = 100;

/** Sends lines no faster than a network allows, in order. Without a limit they go at once. */
export class FloodControl {
  readonly #limit: FloodLimit | undefined;
  readonly #write: (line: string) => void;
  readonly #waiting: string[] = [];
  #tokens: number;
  #refilled = Date.now();
  #timer: NodeJS.Timeout | undefined;

  constructor(limit: FloodLimit | undefined, write: (line: string) => void) {
    this.#limit = limit;
    this.#write = write;
    this.#tokens = limit?.burst ?? 0;
  }

  /** Time until the last line waiting is sent, in milliseconds. */
  get delay(): number {
    return this.#waiting.length * (this.#limit?.every ?? 0);
  }

  /** Throws KOSMOS_ERR_GATEWAY_BUSY if a hundred lines wait already: nothing of `lines` is sent then. */
  send(...lines: string[]): void {
    if (!this.#limit) return lines.forEach(this.#write);
    if (this.#waiting.length + lines.length > MOST_WAITING) throw new KosmosError('KOSMOS_ERR_GATEWAY_BUSY', { limit: MOST_WAITING });
    this.#waiting.push(...lines);
    this.#drain(this.#limit);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#waiting.length = 0;
  }

  #drain(limit: FloodLimit): void {
    clearTimeout(this.#timer);
    const now = Date.now();
    const earned = Math.floor((now - this.#refilled) / limit.every);
    this.#tokens = Math.min(limit.burst, this.#tokens + earned);
    this.#refilled = this.#tokens === limit.burst ? now : this.#refilled + earned * limit.every;
    while (this.#tokens > 0 && this.#waiting.length > 0) {
      this.#tokens -= 1;
      this.#write(this.#waiting.shift() ?? '');
    }
    if (this.#waiting.length > 0) this.#timer = setTimeout(() => this.#drain(limit), limit.every);
  }
}
