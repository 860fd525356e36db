import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { KosmosError, messageOf } from '../../foundation/errors.ts';

const run = promisify(execFile);
const LIMIT = 3_600_000;
const LARGEST_OUTPUT = 64 * 1024 * 1024;

export async function dumpPostgres(databaseUrl: string, file: string): Promise<void> {
  await client('pg_dump', ['--format=custom', '--file', file], databaseUrl);
}

/** Into an empty database; all of it or nothing. */
export async function loadPostgres(databaseUrl: string, file: string): Promise<void> {
  const { pathname } = new URL(databaseUrl);
  const database = decodeURIComponent(pathname.slice(1));
  await client('pg_restore', ['--exit-on-error', '--single-transaction', '--no-owner', '--dbname', database, file], databaseUrl);
}

/** Throws if the dump cannot be read. */
export async function readDump(file: string): Promise<void> {
  await client('pg_restore', ['--list', file]);
}

/** The password goes by the environment, which others cannot read, and not by the arguments. */
async function client(program: string, args: string[], databaseUrl?: string): Promise<void> {
  const environment = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...(databaseUrl ? connectionOf(databaseUrl) : {}) };
  try {
    await run(program, args, { env: environment, timeout: LIMIT, maxBuffer: LARGEST_OUTPUT });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new KosmosError('KOSMOS_ERR_PROGRAM_MISSING', { program, package: 'postgresql-client' });
    throw new KosmosError('KOSMOS_ERR_BACKUP_FAILED', { reason: messageOf(error).slice(0, 500) }, { cause: error });
  }
}

function connectionOf(databaseUrl: string): Record<string, string> {
  const url = new URL(databaseUrl);
  const fields = {
    PGHOST: url.searchParams.get('host') ?? decodeURIComponent(url.hostname),
    PGPORT: url.port,
    PGUSER: decodeURIComponent(url.username),
    PGPASSWORD: decodeURIComponent(url.password),
    PGDATABASE: decodeURIComponent(url.pathname.slice(1)),
    PGSSLMODE: url.searchParams.get('sslmode') ?? '',
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));
}
