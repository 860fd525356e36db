const SHORTEST = 250;
const LONGEST = 30_000;
/** A run that lasted this long was a good one: the next failure starts from the shortest wait again. */
const GOOD_RUN = 60_000;
const CRASHES = 5;
const CRASH_WINDOW = 60_000;

/** How long to wait before the next start: doubling, with up to a quarter of jitter so that components do not start in step. */
export class Backoff {
  #failures = 0;
  readonly #crashes: number[] = [];
  readonly #now: () => number;
  readonly #random: () => number;

  constructor(now: () => number = Date.now, random: () => number = Math.random) {
    this.#now = now;
    this.#random = random;
  }

  /** Notes a run that ended by itself after `lasted` milliseconds; the wait before the next one, or undefined for a crash loop. */
  afterCrash(lasted: number): number | undefined {
    if (lasted >= GOOD_RUN) this.#failures = 0;
    this.#failures += 1;
    this.#crashes.push(this.#now());
    while ((this.#crashes[0] ?? 0) <= this.#now() - CRASH_WINDOW) this.#crashes.shift();
    if (this.#crashes.length >= CRASHES) return undefined;
    const base = Math.min(SHORTEST * 2 ** (this.#failures - 1), LONGEST);
    return base * (1 + this.#random() / 4);
  }

  /** An admin starts it anew. */
  reset(): void {
    this.#failures = 0;
    this.#crashes.length = 0;
  }
}
