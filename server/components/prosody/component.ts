import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import SQLite from 'better-sqlite3';
import { updateFile } from '../../foundation/files.ts';
import { loadSecret } from '../../foundation/secrets.ts';
import type { Appliance, Component, ConfigurationEffect } from '../component.ts';
import { ProsodyApi } from './api.ts';
import { prosodyPaths, renderConfig } from './config.ts';
import { ProsodyProvisioner } from './provision.ts';
import { probeStream } from './readiness.ts';

export const prosody: Component = {
  name: 'prosody',
  title: 'XMPP server (Prosody)',
  after: [],
  package: 'prosody',
  configure,
  launch: ({ settings }) => {
    const { config, folder } = prosodyPaths(settings);
    return { command: 'prosody', args: ['--config', config, '-F'], folder };
  },
  isExternal: ({ settings }) => settings.prosodyAddress !== undefined,
  checkReady: async (appliance, signal) => {
    await probeStream(appliance.topology.prosodyHttp, appliance.domain, signal);
    await new ProsodyApi(appliance).checkHealth();
  },
  createProvisioner: (appliance) => new ProsodyProvisioner(appliance),
};

function configure(appliance: Appliance): ConfigurationEffect {
  const { settings } = appliance;
  const { folder, config, database, certificates, controlSecret, provisionSecret } = prosodyPaths(settings);
  mkdirSync(certificates, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  updateFile(controlSecret, loadSecret(settings.dataFolder, 'internal'));
  updateFile(provisionSecret, loadSecret(settings.dataFolder, 'prosody-api'));
  prepareDatabase(database);
  const before = existsSync(config) ? readFileSync(config, 'utf8') : undefined;
  const text = renderConfig(appliance);
  if (!updateFile(config, `${text}${certificateMark(appliance)}`)) return 'none';
  return before?.startsWith(text) ? 'reload' : 'restart';
}

/** A renewed certificate has the same file names; this makes the configuration differ, so that Prosody reads it. */
function certificateMark({ certificate: { certificateFile } }: Appliance): string {
  const hash = existsSync(certificateFile) ? createHash('sha256').update(readFileSync(certificateFile)).digest('hex') : 'missing';
  return `-- Certificate: ${hash}\n`;
}

/** COMPAT: Prosody 0.12 has no setting for SQLite's journal; the file remembers the mode. May go when 13 is the oldest that we run. */
function prepareDatabase(file: string): void {
  if (existsSync(file)) return;
  const database = new SQLite(file);
  try {
    database.pragma('journal_mode = WAL');
    chmodSync(file, 0o600);
  } finally {
    database.close();
  }
}
