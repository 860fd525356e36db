/** How many failures in how many milliseconds. */
export interface Allowance {
  readonly failures: number;
  readonly window: number;
}

interface Window {
  count: number;
  endsAt: number;
}

const MOST_KEYS = 50_000;

/** Counts failures per key in fixed windows, in memory: control is the one process that checks passwords. */
export class FailureLimit {
  readonly #allowance: Allowance;
  readonly #windows = new Map<string, Window>();
  readonly #now: () => number;

  constructor(allowance: Allowance, now: () => number = Date.now) {
    this.#allowance = allowance;
    this.#now = now;
  }

  /** Seconds until the key may try again, 0 if it may now. */
  secondsLeft(key: string): number {
    const window = this.#current(key);
    return window && window.count >= this.#allowance.failures ? Math.ceil((window.endsAt - this.#now()) / 1000) : 0;
  }

  countFailure(key: string): void {
    const window = this.#current(key);
    if (window) {
      window.count += 1;
      return;
    }
    if (this.#windows.size >= MOST_KEYS) this.#forgetOldest();
    this.#windows.set(key, { count: 1, endsAt: this.#now() + this.#allowance.window });
  }

  forget(key: string): void {
    this.#windows.delete(key);
  }

  #current(key: string): Window | undefined {
    const window = this.#windows.get(key);
    if (window && window.endsAt <= this.#now()) {
      this.#windows.delete(key);
      return undefined;
    }
    return window;
  }

  /** A Map keeps the order of insertion, so the first key has the oldest window. */
  #forgetOldest(): void {
    const oldest = this.#windows.keys().next();
    if (!oldest.done) this.#windows.delete(oldest.value);
  }
}
