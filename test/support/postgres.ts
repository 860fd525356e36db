import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';

const run = promisify(execFile);
const DEBIAN = '/usr/lib/postgresql';

/** A PostgreSQL cluster of its own in a temporary folder, reached through a Unix socket there: no port, no password. */
export interface PostgresServer {
  /** A new empty database; the address for DATABASE_URL. */
  createDatabase(): Promise<string>;
  stop(): Promise<void>;
}

/** Debian keeps a version's programs in a folder of its own and does not link `initdb` and `postgres`. */
function programFolder(): string {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((one, other) => Number(other) - Number(one)) : [];
  const found = versions.map((version) => path.join(DEBIAN, version, 'bin')).find((folder) => existsSync(path.join(folder, 'initdb')));
  if (!found) throw new Error('PostgreSQL is not installed. Install it with: apt-get install postgresql');
  return found;
}

/** PostgreSQL refuses to run as root: then it runs as `postgres`, whom the package makes. */
async function runner(): Promise<{ uid?: number; gid?: number }> {
  if (process.getuid?.() !== 0) return {};
  const ids = await Promise.all(['-u', '-g'].map(async (flag) => Number((await run('id', [flag, 'postgres'])).stdout)));
  return { uid: ids[0] as number, gid: ids[1] as number };
}

export async function startPostgres(): Promise<PostgresServer> {
  const programs = programFolder();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'kosmos-pg-'));
  const as = await runner();
  if (as.uid !== undefined) chownSync(folder, as.uid, as.gid as number);
  const data = path.join(folder, 'data');
  const initialise = ['-D', data, '-U', 'kosmos', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '-N'];
  await run(path.join(programs, 'initdb'), initialise, { ...as, cwd: folder });
  const settings = ['-F', '-c', 'listen_addresses=', '-c', 'max_connections=60', '-c', 'shared_buffers=64MB', '-c', 'max_wal_size=2GB'];
  const child = spawn(path.join(programs, 'postgres'), ['-D', data, '-k', folder, ...settings], { ...as, cwd: folder, stdio: 'ignore' });
  const ended = once(child, 'exit');
  const address = (database: string): string => `postgres://kosmos@localhost/${database}?host=${encodeURIComponent(folder)}`;
  await untilReady(address('postgres'));
  let count = 0;
  return {
    createDatabase: async () => {
      const name = `kosmos_${++count}`;
      await withClient(address('postgres'), (client) => client.query(`create database ${name}`));
      return address(name);
    },
    stop: async () => {
      child.kill('SIGINT');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function untilReady(address: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      return await withClient(address, async () => undefined);
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await wait(50);
    }
  }
}

async function withClient<T>(connectionString: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
