import { runProgram } from '../foundation/program.ts';
import { Gateway } from './gateway.ts';
import { createPlatforms } from './platforms/all.ts';

await runProgram('gateway', async ({ settings, logger, stopping }) => {
  const gateway = await Gateway.start({ settings, logger, platforms: createPlatforms() }, stopping);
  logger.info('the gateway is ready');
  return () => gateway.close();
});
