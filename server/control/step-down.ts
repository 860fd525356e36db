import { KosmosError } from '../foundation/errors.ts';
import { readSettings } from '../foundation/settings.ts';
import { topologyOf } from '../foundation/topology.ts';
import { openDatabase } from '../database/database.ts';
import { stepDown } from '../database/migrate.ts';
import { migrations } from '../database/migrations/all.ts';
import { findRunning } from '../supervisor/pid-files.ts';

/** `scripts/step-down`: undoes what a newer version did to the database's schema, so that this version can use it. */
async function run(): Promise<string> {
  const settings = readSettings(process.env);
  const running = findRunning(topologyOf(settings).runFolder, 'control');
  if (running) throw new KosmosError('KOSMOS_ERR_ALREADY_RUNNING', { folder: settings.dataFolder, pid: running.pid });
  const database = openDatabase(settings);
  try {
    const undone = await stepDown(database, migrations);
    return undone.length > 0 ? `Undone: ${undone.join(', ')}.` : 'The database has nothing that this version does not know.';
  } finally {
    await database.destroy();
  }
}

try {
  process.stdout.write(`${await run()}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof KosmosError ? `${error.code}: ` : ''}${(error as Error).message}\n`);
  process.exit(1);
}
