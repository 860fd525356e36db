import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { createLogger } from '../foundation/logging.ts';
import { loadSecret } from '../foundation/secrets.ts';
import { readSettings } from '../foundation/settings.ts';
import { topologyOf } from '../foundation/topology.ts';
import { openDatabase } from '../database/database.ts';
import { Outbox } from '../database/events.ts';
import { migrate } from '../database/migrate.ts';
import { migrations } from '../database/migrations/all.ts';
import { ProcessDriver } from '../supervisor/drivers/process.ts';
import type { App } from './app-type.ts';
import { buildApp, buildInternalApp } from './app.ts';
import { RunningHouse } from './house.ts';
import { makeServices } from './make-services.ts';
import type { Services } from './services.ts';

export interface TestApp {
  readonly app: App;
  readonly internal: App;
  readonly services: Services;
  /** Sends JSON; `as` is a bearer token. */
  ask(method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE', url: string, body?: unknown, as?: string): Promise<LightMyRequestResponse>;
  /** Sets up team “Orbit” with owner ada, and gives her token. */
  setUp(home?: 'irc' | 'xmpp'): Promise<string>;
  /** Makes an invite and accepts it; gives the new member's token. */
  join(owner: string, team: string, name: string, role?: string): Promise<string>;
  close(): Promise<void>;
}

export const PASSWORD = 'correct horse battery';

/** control's real app on a real database in a folder of its own, with no component to run. */
export async function openTestApp(): Promise<TestApp> {
  const dataFolder = mkdtempSync(path.join(os.tmpdir(), 'kosmos-app-'));
  const settings = readSettings({ KOSMOS_DATA: dataFolder, KOSMOS_LOG_LEVEL: 'silent' });
  const services = await makeTestServices(settings);
  const app = await buildApp(services, path.join(dataFolder, 'no-web-client'));
  const internal = buildInternalApp(services);
  await Promise.all([app.ready(), internal.ready()]);

  const ask: TestApp['ask'] = (method, url, body, as) => {
    const payload = body === undefined ? {} : { payload: body as InjectOptions['payload'] };
    return app.inject({ method, url, headers: as ? { authorization: `Bearer ${as}` } : {}, ...payload });
  };
  const logIn = async (name: string): Promise<string> => {
    const answer = await ask('POST', '/api/session', { name, password: PASSWORD, kind: 'program' });
    return answer.json<{ token: string }>().token;
  };
  return {
    ...{ app, internal, services, ask },
    async setUp(home = 'xmpp') {
      const token = loadSecret(dataFolder, 'setup');
      await ask('POST', '/api/setup', { token, team: { name: 'Orbit', home }, owner: { name: 'ada', password: PASSWORD } });
      return logIn('ada');
    },
    async join(owner, team, name, role = 'member') {
      const invite = await ask('POST', `/api/teams/${team}/invites`, { role }, owner);
      await ask('POST', `/api/invites/${invite.json<{ token: string }>().token}/accept`, { name, password: PASSWORD });
      return logIn(name);
    },
    async close() {
      await Promise.all([app.close(), internal.close()]);
      await services.database.destroy();
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}

async function makeTestServices(settings: Services['settings']): Promise<Services> {
  const topology = topologyOf(settings);
  const logger = createLogger('control', settings.logLevel);
  const database = openDatabase(settings);
  await migrate(database, 'sqlite', migrations);
  const outbox = new Outbox(database, 'sqlite');
  const driver = new ProcessDriver(topology.runFolder);
  const house = await RunningHouse.open({ settings, topology, outbox, logger, driver, components: [] });
  await house.start();
  return makeServices({ settings, topology, logger, outbox, house });
}
