import { setTimeout as wait } from 'node:timers/promises';
import { KosmosError } from '../foundation/errors.ts';
import { readSettings } from '../foundation/settings.ts';
import { topologyOf } from '../foundation/topology.ts';
import { endLeftovers, findRunning } from '../supervisor/pid-files.ts';

const LIMIT = 10_000;
const POLL = 50;

/** `scripts/down`: stops the appliance of this environment's data folder and nothing else. */
async function stop(): Promise<string> {
  const { runFolder } = topologyOf(readSettings(process.env));
  const running = findRunning(runFolder, 'control');
  if (!running) {
    const ended = await endLeftovers(runFolder, 'control');
    return ended.length > 0 ? `Ended what a killed control left behind: ${ended.join(', ')}.` : 'Nothing runs on this data folder.';
  }
  process.kill(running.pid, 'SIGTERM');
  const end = Date.now() + LIMIT;
  while (findRunning(runFolder, 'control')) {
    if (Date.now() > end) throw new Error(`control (process ${running.pid}) has not ended within ${LIMIT / 1000} s`);
    await wait(POLL);
  }
  return 'Stopped.';
}

try {
  process.stdout.write(`${await stop()}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof KosmosError ? `${error.code}: ` : ''}${(error as Error).message}\n`);
  process.exit(1);
}
