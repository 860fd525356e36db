import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { readSettings, type Settings } from '../../../server/foundation/settings.ts';
import { topologyOf } from '../../../server/foundation/topology.ts';
import { openDatabase, type Database } from '../../../server/database/database.ts';
import { Outbox } from '../../../server/database/events.ts';
import { storeSetting } from '../../../server/database/settings.ts';
import { migrate } from '../../../server/database/migrate.ts';
import { migrations } from '../../../server/database/migrations/all.ts';
import { createAccount, createKeys, type Account } from '../../../server/identity/accounts.ts';
import { createGrant } from '../../../server/identity/storage-grants.ts';
import { parseScopes } from '../../../server/identity/storage-scopes.ts';
import { startControl } from './control.ts';
import type { TestBucket } from './bucket.ts';

const START_LIMIT = 20_000;

/** The real storage program with a small control beside it and a proxy before it, as control's own. */
export interface TestAppliance {
  readonly database: Database;
  readonly outbox: Outbox;
  readonly settings: Settings;
  readonly host: string;
  readonly origin: string;
  readonly process: () => ChildProcess;
  /** Starts the program again after it was killed, perhaps with contents in a bucket from now on. */
  restart(bucket?: TestBucket): Promise<void>;
  addAccount(name: string, password?: string): Promise<Account>;
  token(account: Account, scopes: string): Promise<string>;
  close(): Promise<void>;
}

export const PASSWORD = 'correct horse battery';

/** With a bucket every content lies there: whatever is true of documents is then true of a bucket. */
export async function startAppliance(bucket?: TestBucket): Promise<TestAppliance> {
  const dataFolder = mkdtempSync(path.join(os.tmpdir(), 'kosmos-storage-'));
  const settings = readSettings({ KOSMOS_DATA: dataFolder, KOSMOS_LOG_LEVEL: 'warn' });
  const database = openDatabase(settings);
  await migrate(database, 'sqlite', migrations);
  if (bucket) await storeSetting(database, 'storageLimits', { quota: 2 ** 30, document: 2 ** 26, small: 0 });
  const outbox = new Outbox(database, 'sqlite');
  const control = await startControl(settings, outbox);
  let child = await startStorage(settings, bucket);
  const proxy = await startProxy(settings);
  const host = `localhost:${(proxy.address() as AddressInfo).port}`;
  return {
    ...{ database, outbox, settings, host, origin: `http://${host}`, process: () => child },
    restart: async (newBucket = bucket) => {
      child = await startStorage(settings, newBucket);
    },
    addAccount: async (name, password = PASSWORD) => {
      const keys = await createKeys(name, password);
      return outbox.change((change) => createAccount(change, { name }, keys));
    },
    token: async (account, scopes) => (await createGrant(database, account, 'https://app.example', parseScopes(scopes))).token,
    close: async () => {
      await stop(child);
      for (const server of [proxy, control]) {
        server.close();
        server.closeAllConnections();
      }
      await database.destroy();
      rmSync(dataFolder, { recursive: true });
    },
  };
}

/** The program itself, with its standard error passed on, or kept for who asks. */
export function spawnStorage(settings: Settings, bucket?: TestBucket, errors: 'inherit' | 'pipe' = 'inherit'): ChildProcess {
  const main = path.join(import.meta.dirname, '../../../server/storage/main.ts');
  const env = { PATH: process.env.PATH, KOSMOS_DATA: settings.dataFolder, KOSMOS_LOG_LEVEL: settings.logLevel, KOSMOS_S3: bucket?.url };
  return spawn(process.execPath, ['--import', 'tsx', main], { env, stdio: ['ignore', 'inherit', errors] });
}

async function startStorage(settings: Settings, bucket?: TestBucket): Promise<ChildProcess> {
  bucket?.giveKeys(settings.dataFolder);
  const child = spawnStorage(settings, bucket);
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('storage ended instead of starting')));
  await Promise.race([untilHealthy(settings), ended]);
  ended.catch(() => undefined);
  return child;
}

async function untilHealthy(settings: Settings): Promise<void> {
  const deadline = Date.now() + START_LIMIT;
  while (Date.now() < deadline) {
    const status = await new Promise<number>((resolve) => {
      const request = http.get({ ...topologyOf(settings).storage, path: '/health' }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      request.on('error', () => setTimeout(resolve, 50, 0));
    });
    if (status === 200) return;
  }
  throw new Error('storage did not become healthy');
}

export async function stop(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, 'exit');
}

/** What control's proxy does: passes everything on and tells how the client reached it. */
async function startProxy(settings: Settings): Promise<http.Server> {
  const agent = new http.Agent({ keepAlive: true });
  const proxy = http.createServer((request, response) => {
    const headers = {
      ...request.headers,
      // Of the connection before the proxy: fetch closes its own after HEAD.
      connection: 'keep-alive',
      'x-forwarded-host': request.headers.host,
      'x-forwarded-proto': 'http',
      'x-forwarded-for': request.headers['x-test-address']?.toString() ?? '127.0.0.1',
    };
    const { method, url } = request;
    const inner = http.request({ ...topologyOf(settings).storage, agent, method, path: url, headers });
    inner.on('response', (answer) => answer.pipe(response.writeHead(answer.statusCode ?? 502, answer.headers)));
    inner.on('error', () => response.destroy());
    response.on('close', () => inner.destroy());
    inner.flushHeaders();
    request.pipe(inner);
  });
  proxy.listen(0, 'localhost');
  await once(proxy, 'listening');
  return proxy;
}
