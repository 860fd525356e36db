import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Appliance, Launch } from '../component.ts';

/** In the images, where programs and deploy folder are. */
const containerLaunch = { command: '/usr/bin/node', script: '/app/deploy/ergo/auth-script.mjs' };

/** How Ergo starts the program that asks control about a password. What it must not tell others stays in the files it is pointed to. */
export function authScriptLaunch({ settings, topology }: Appliance): Pick<Launch, 'command' | 'args'> {
  const address = 'socketPath' in topology.control ? topology.control.socketPath : `${topology.control.host}:${topology.control.port}`;
  const inContainer = settings.driver === 'docker';
  const secret = controlSecretFile(settings);
  const script = inContainer ? containerLaunch.script : findScript(import.meta.dirname);
  return { command: inContainer ? containerLaunch.command : process.execPath, args: [script, address, secret] };
}

/** Ergo's container has none of the secrets but a copy of this one. */
export function controlSecretFile({ driver, dataFolder }: Appliance['settings']): string {
  return driver === 'docker' ? path.join(dataFolder, 'ergo', 'control-secret') : path.join(dataFolder, 'secrets', 'internal');
}

/** `deploy/` lies at the project's root, and this file one folder deeper once it is built. */
function findScript(folder: string): string {
  const script = path.join(folder, 'deploy', 'ergo', 'auth-script.mjs');
  if (existsSync(script)) return script;
  const parent = path.dirname(folder);
  if (parent === folder) throw new Error('deploy/ergo/auth-script.mjs is missing');
  return findScript(parent);
}
