import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { KosmosError, messageOf } from '../../foundation/errors.ts';
import type { Settings } from '../../foundation/settings.ts';
import { topologyOf } from '../../foundation/topology.ts';
import type { Logger } from '../../foundation/logging.ts';
import type { Database } from '../../database/database.ts';
import { componentsOf } from '../../components/all.ts';
import { ensureCertificate } from '../../components/certificate.ts';
import { readDump } from './postgres.ts';
import { countRows, DATABASE, DUMP, hashTree, MANIFEST, PROSODY, type Manifest } from './snapshot.ts';

/** Throws KOSMOS_ERR_BACKUP_DAMAGED: what was restored must be, file by file and row by row, what was backed up. */
export async function verifyTree(folder: string): Promise<Manifest> {
  try {
    const manifest = readManifest(folder);
    compare('file', manifest.files, await hashTree(folder));
    if (manifest.dialect === 'sqlite') compare('table', manifest.rows, countRows(path.join(folder, DATABASE)));
    else await readDump(path.join(folder, DUMP));
    if (existsSync(path.join(folder, PROSODY))) countRows(path.join(folder, PROSODY));
    return manifest;
  } catch (error) {
    if (error instanceof KosmosError) throw error;
    throw new KosmosError('KOSMOS_ERR_BACKUP_DAMAGED', { reason: messageOf(error) }, { cause: error });
  }
}

/** Has every component render its configuration from what was restored, as a start would. */
export async function verifyConfigurations(folder: string, domain: string, settings: Settings, logger: Logger): Promise<void> {
  const restored = { ...settings, dataFolder: folder };
  const certificate = await ensureCertificate(folder, domain);
  // The configurations ask the database nothing: who is in which channel is provisioned once the servers run.
  const appliance = {
    settings: restored,
    topology: topologyOf(restored),
    domain,
    database: undefined as unknown as Database,
    logger,
    certificate,
  };
  for (const component of componentsOf(restored)) component.configure(appliance);
}

function readManifest(folder: string): Manifest {
  const file = path.join(folder, MANIFEST);
  if (!existsSync(file)) throw new Error('it has no manifest');
  return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
}

function compare(what: string, wanted: Readonly<Record<string, string | number>>, found: Readonly<Record<string, string | number>>): void {
  for (const [name, value] of Object.entries(wanted)) {
    if (!(name in found)) throw new Error(`the ${what} ${name} is missing`);
    if (found[name] !== value) throw new Error(`the ${what} ${name} is not what was backed up`);
  }
}
