import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { updateFile } from '../../foundation/files.ts';
import { loadSecret } from '../../foundation/secrets.ts';
import type { Appliance, Component, ConfigurationEffect } from '../component.ts';
import { controlSecretFile } from './auth-script.ts';
import { ergoPaths, renderConfig, renderMotd } from './config.ts';
import { ErgoProvisioner } from './provision.ts';
import { probeRegistration } from './readiness.ts';

export const ergo: Component = {
  name: 'ergo',
  title: 'IRC server (Ergo)',
  after: [],
  package: 'ergochat',
  configure,
  launch: ({ settings }) => {
    const { config, folder } = ergoPaths(settings);
    return { command: 'ergochat', args: ['run', '--conf', config], folder };
  },
  isExternal: ({ settings }) => settings.ergoAddress !== undefined,
  checkReady: ({ topology }, signal) => probeRegistration(topology.ergo, signal),
  createProvisioner: (appliance) => new ErgoProvisioner(appliance),
};

function configure(appliance: Appliance): ConfigurationEffect {
  const { folder, config, motd } = ergoPaths(appliance.settings);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  updateFile(controlSecretFile(appliance.settings), loadSecret(appliance.settings.dataFolder, 'internal'));
  const before = existsSync(config) ? readFileSync(config, 'utf8') : undefined;
  const fresh = `${renderConfig(appliance)}${certificateMark(appliance)}`;
  const changed = [updateFile(motd, renderMotd(appliance)), updateFile(config, fresh)].includes(true);
  if (!changed) return 'none';
  return before !== undefined && fixedSettings(before) === fixedSettings(fresh) ? 'reload' : 'restart';
}

/** A renewed certificate has the same file names; this makes the configuration differ, so that Ergo reads it. */
function certificateMark({ certificate: { certificateFile } }: Appliance): string {
  const hash = existsSync(certificateFile) ? createHash('sha256').update(readFileSync(certificateFile)).digest('hex') : 'missing';
  return `# Certificate: ${hash}\n`;
}

/** What Ergo refuses to change, or keeps, while it runs. */
function fixedSettings(config: string): string {
  const { network, server, datastore, ...rest } = parse(config, { customTags: ['binary'] }) as Record<string, Record<string, unknown>>;
  return JSON.stringify([network, server?.name, server?.casemapping, datastore, rest['lock-file']]);
}
