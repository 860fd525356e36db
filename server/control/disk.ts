import { readdir, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { sql } from 'kysely';
import type { Services } from './services.ts';

export interface DiskUse {
  readonly path: string;
  readonly total: number;
  readonly free: number;
  readonly used: number;
  readonly data: Readonly<Record<'database' | 'logs' | 'storage' | 'prosody' | 'ergo' | 'other', number>>;
}

/** A tree with more files than this is only begun to be counted. */
const MOST_FILES = 5_000;
const known = ['logs', 'prosody', 'ergo'] as const;

/** In bytes. */
export async function measureDisk({ settings, database }: Pick<Services, 'settings' | 'database'>): Promise<DiskUse> {
  const { dataFolder } = settings;
  const { bsize, blocks, bavail, bfree } = await statfs(dataFolder);
  const [logs, prosody, ergo] = await Promise.all(known.map((name) => sizeOf(path.join(dataFolder, name))));
  const files = await Promise.all(['', '-wal', '-shm'].map((ending) => sizeOf(path.join(dataFolder, `kosmos.db${ending}`))));
  const stored = await database
    .selectFrom('storage_accounts')
    .select(sql<number>`coalesce(sum(bytes), 0)`.as('bytes'))
    .executeTakeFirstOrThrow();
  const other = await Promise.all(['tls', 'secrets', 'run'].map((name) => sizeOf(path.join(dataFolder, name))));
  return {
    ...{ path: dataFolder, total: blocks * bsize, free: bavail * bsize, used: (blocks - bfree) * bsize },
    data: {
      ...{ database: sum(files), logs: logs ?? 0, storage: Number(stored.bytes), prosody: prosody ?? 0, ergo: ergo ?? 0 },
      other: sum(other),
    },
  };
}

/** Of a file, or of a folder with all that is in it. What is not there takes nothing. */
async function sizeOf(place: string): Promise<number> {
  const entry = await stat(place).catch(() => undefined);
  if (!entry?.isDirectory()) return entry?.size ?? 0;
  const files = await readdir(place, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = files
    .filter((file) => file.isFile())
    .slice(0, MOST_FILES)
    .map(async (file) => (await stat(path.join(file.parentPath, file.name)).catch(() => undefined))?.size ?? 0);
  return sum(await Promise.all(sizes));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
