import { mkdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import { KosmosError } from '../../foundation/errors.ts';
import { updateFile } from '../../foundation/files.ts';
import type { Appliance, Component } from '../component.ts';
import { ADMIN_HOST, edgePaths, renderConfig } from './config.ts';

const LOAD_LIMIT = 15_000;

export const edge: Component = {
  name: 'edge',
  title: 'Edge (Caddy)',
  after: [],
  package: 'caddy',
  configure: (appliance) => {
    const { folder, config } = edgePaths(appliance.settings);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return updateFile(config, renderConfig(appliance)) ? 'reload' : 'none';
  },
  launch: ({ settings }) => {
    const { folder, config } = edgePaths(settings);
    return { command: 'caddy', args: ['run', '--config', config], folder, environment: { XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder } };
  },
  checkReady: async (appliance, signal) => {
    const status = await askAdmin(appliance, 'GET', '/config/apps/http/servers/home/listen', undefined, signal);
    if (status !== 200) throw new Error(`its configuration is not loaded (${status})`);
  },
  reload: async (appliance) => {
    const { config } = edgePaths(appliance.settings);
    const status = await askAdmin(appliance, 'POST', '/load', readFileSync(config, 'utf8'), AbortSignal.timeout(LOAD_LIMIT));
    if (status !== 200)
      throw new KosmosError('KOSMOS_ERR_COMPONENT_REFUSED', { component: 'edge', reason: `status ${status} to its configuration` });
  },
};

function askAdmin({ topology }: Appliance, method: string, path: string, body: string | undefined, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { host: ADMIN_HOST, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    const outgoing = http.request({ ...topology.edgeAdmin, method, path, headers, signal });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      incoming.resume();
      incoming.on('end', () => resolve(incoming.statusCode ?? 0));
      incoming.on('error', reject);
    });
    outgoing.end(body);
  });
}
