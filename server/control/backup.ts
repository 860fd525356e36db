import { readSettings } from '../foundation/settings.ts';
import { KosmosError } from '../foundation/errors.ts';
import { createLogger } from '../foundation/logging.ts';
import { openDatabase } from '../database/database.ts';
import { findHomeDomain } from '../database/settings.ts';
import { Backups, keyFileOf } from './backups/backups.ts';
import { VERSION } from './services.ts';

/** `scripts/backup [REPOSITORY]`: backs the appliance up, whether it runs or not. */
async function backUp(repository: string | undefined): Promise<string> {
  const settings = readSettings(process.env);
  const database = openDatabase(settings);
  try {
    const domain = await findHomeDomain(settings, database);
    const backups = new Backups({ settings, database, logger: createLogger('backup', 'silent'), version: VERSION, domain: () => domain });
    const plan = await backups.plan();
    const run = await backups.run({ ...plan, ...(repository ? { repository } : {}) });
    return (
      `Backed up as ${run.id} to ${repository ?? plan.repository}: ${run.rows} rows, ${run.files} files, ${run.added} bytes new.\n` +
      `Proved at ${run.provedAt}: restored, every file and row compared, every configuration rendered.\n` +
      `The key that opens it is ${keyFileOf(settings)}. Keep a copy elsewhere: without it the backup is worthless.`
    );
  } finally {
    await database.destroy();
  }
}

try {
  process.stdout.write(`${await backUp(process.argv[2])}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof KosmosError ? `${error.code}: ` : ''}${(error as Error).message}\n`);
  process.exit(1);
}
