import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { KosmosError } from '../../foundation/errors.ts';
import type { Settings } from '../../foundation/settings.ts';
import { loadPostgres } from './postgres.ts';
import { Restic } from './restic.ts';
import { DUMP, MANIFEST, type Manifest } from './snapshot.ts';
import { verifyTree } from './verify.ts';

const run = promisify(execFile);
const LIMIT = 3_600_000;

interface Wanted {
  readonly repository: string;
  readonly keyFile: string;
  /** Undefined: the newest. */
  readonly id?: string;
}

/**
 * Makes an empty data folder what it was when it was backed up. Nothing is put there before all of it is proved. Throws
 * KOSMOS_ERR_RESTORE_NOT_EMPTY, KOSMOS_ERR_BACKUP_… .
 */
export async function restore(settings: Settings, { repository, keyFile, id }: Wanted): Promise<Manifest> {
  const { dataFolder } = settings;
  if (existsSync(dataFolder) && readdirSync(dataFolder).some((name) => !isEmptyMount(dataFolder, name))) {
    throw new KosmosError('KOSMOS_ERR_RESTORE_NOT_EMPTY', { folder: dataFolder });
  }
  if (!existsSync(keyFile)) throw new KosmosError('KOSMOS_ERR_BACKUP_KEY');
  const restic = new Restic(repository, path.resolve(keyFile));
  const kept = (await restic.list()).find((backup) => id === undefined || backup.id === id || id.startsWith(backup.id));
  if (!kept) throw new KosmosError('KOSMOS_ERR_BACKUP_NONE');
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  const scratch = await mkdtemp(path.join(dataFolder, 'restore-'));
  try {
    await restic.restore(kept.id, scratch);
    const restored = path.join(scratch, kept.folder);
    const manifest = await verifyTree(restored);
    if (manifest.dialect !== (settings.databaseUrl ? 'postgres' : 'sqlite'))
      throw new KosmosError('KOSMOS_ERR_RESTORE_DATABASE', { dialect: manifest.dialect });
    if (settings.databaseUrl) await loadPostgres(settings.databaseUrl, path.join(restored, DUMP));
    await putInPlace(restored, dataFolder);
    return manifest;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** In containers the folders of the servers are volumes, which are there before anything is in them. */
function isEmptyMount(dataFolder: string, name: string): boolean {
  try {
    return readdirSync(path.join(dataFolder, name)).length === 0;
  } catch {
    return false;
  }
}

async function putInPlace(from: string, to: string): Promise<void> {
  for (const name of readdirSync(from)) {
    if (name === MANIFEST || name === DUMP) continue;
    await moveInto(path.join(from, name), path.join(to, name));
  }
}

async function moveInto(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EXDEV' && code !== 'EBUSY' && code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    await run('cp', ['-a', `${from}/.`, `${to}/`], { timeout: LIMIT });
  }
}
