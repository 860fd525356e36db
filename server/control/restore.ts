import { KosmosError } from '../foundation/errors.ts';
import { readSettings } from '../foundation/settings.ts';
import { restore } from './backups/restore.ts';

/** `scripts/restore REPOSITORY KEYFILE [ID]`: fills an empty data folder from a backup. */
async function run([repository, keyFile, id]: string[]): Promise<string> {
  if (!repository || !keyFile) throw new Error('usage: scripts/restore REPOSITORY KEYFILE [ID]');
  const settings = readSettings(process.env);
  const { createdAt, domain, files } = await restore(settings, { repository, keyFile, ...(id ? { id } : {}) });
  return `Restored ${domain} as it was at ${createdAt} into ${settings.dataFolder}: ${Object.keys(files).length} files, all as they were.`;
}

try {
  process.stdout.write(`${await run(process.argv.slice(2))}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof KosmosError ? `${error.code}: ` : ''}${(error as Error).message}\n`);
  process.exit(1);
}
