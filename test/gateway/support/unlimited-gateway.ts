import { runProgram } from '../../../server/foundation/program.ts';
import { Gateway } from '../../../server/gateway/gateway.ts';
import { createPlatforms } from '../../../server/gateway/platforms/all.ts';

/** Whoever started it may ask what is left on the heap after a collection. */
process.on('message', () => {
  globalThis.gc?.();
  process.send?.(process.memoryUsage().heapUsed);
});

/** The gateway as it is but for the limits that keep one member from doing what a benchmark or a test of its memory does. */
await runProgram('gateway', async ({ settings, logger, stopping }) => {
  const limits = { perSecond: 1e6, burst: 1e6, waitingPerSession: 100_000, unreadPerSocket: 100_000 };
  const gateway = await Gateway.start({ settings, logger, platforms: createPlatforms(), limits }, stopping);
  return () => gateway.close();
});
