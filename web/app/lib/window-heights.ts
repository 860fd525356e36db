/** Which rows of a long list are drawn, from heights that are measured once a row was on screen and guessed before. */
export class Heights {
  private readonly measured = new Map<string, number>();

  constructor(private readonly guess: number) {}

  of(key: string): number {
    return this.measured.get(key) ?? this.guess;
  }

  /** Whether this changed what was known. */
  measure(key: string, height: number): boolean {
    if (this.measured.get(key) === height) return false;
    this.measured.set(key, height);
    return true;
  }

  sum(keys: readonly string[], from: number, to: number): number {
    let total = 0;
    for (let i = from; i < to; i++) total += this.of(keys[i] as string);
    return total;
  }

  /** First and last (excluded) row within `overscan` of what is seen. */
  range(keys: readonly string[], top: number, viewport: number, overscan: number): { first: number; last: number } {
    let first = 0;
    let at = 0;
    while (first < keys.length && at + this.of(keys[first] as string) < top - overscan) at += this.of(keys[first++] as string);
    let last = first;
    while (last < keys.length && at < top + viewport + overscan) at += this.of(keys[last++] as string);
    return { first, last };
  }
}
