import { setTimeout as wait } from 'node:timers/promises';
import { messageOf } from '../../foundation/errors.ts';
import type { Logger } from '../../foundation/logging.ts';

const FIRST_RETRY = 250;
const LONGEST_RETRY = 10_000;
/** A connection that lasted this long was a good one: the next attempt comes soon again. */
const GOOD = 30_000;

/** Runs `connect` again and again until `closing` aborts; it resolves or rejects when a connection has ended. */
export async function keepConnected(connect: () => Promise<void>, closing: AbortSignal, logger: Logger): Promise<void> {
  let delay = FIRST_RETRY;
  while (!closing.aborted) {
    const start = Date.now();
    try {
      await connect();
    } catch (error) {
      if (!closing.aborted) logger.warn(`connection lost: ${messageOf(error)}`);
    }
    delay = Date.now() - start > GOOD ? FIRST_RETRY : Math.min(delay * 2, LONGEST_RETRY);
    await wait(delay, undefined, { signal: closing }).catch(() => undefined);
  }
}
