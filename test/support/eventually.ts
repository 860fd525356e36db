import { setTimeout as wait } from 'node:timers/promises';

/** Calls `look` until it gives something other than undefined or false, for `limit` milliseconds at most. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  limit = 10_000,
): Promise<T> {
  for (const end = Date.now() + limit; ; await wait(50)) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`waited ${limit / 1000} s in vain: ${what}`);
  }
}
