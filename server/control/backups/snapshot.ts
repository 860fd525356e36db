import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { copyFile, link, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import SQLite from 'better-sqlite3';
import { sql } from 'kysely';
import type { Settings } from '../../foundation/settings.ts';
import type { Database } from '../../database/database.ts';
import type { Dialect } from '../../database/migration.ts';
import { dumpPostgres } from './postgres.ts';

/** What is in a backup, so that a restore can be measured by it. */
export interface Manifest {
  readonly version: string;
  readonly domain: string;
  readonly dialect: Dialect;
  readonly createdAt: string;
  /** Rows of each table. */
  readonly rows: Readonly<Record<string, number>>;
  /** SHA-256 of each file, by its path in the data folder. */
  readonly files: Readonly<Record<string, string>>;
}

export const MANIFEST = 'manifest.json';
export const DUMP = 'database.dump';
export const DATABASE = 'kosmos.db';
export const PROSODY = path.join('prosody', 'prosody.sqlite');

/** Written once under a name that nobody had before: a second name for the same file is a copy. */
const unchanging = ['storage', path.join('prosody', 'http_file_share')];
const taken = ['secrets', 'tls', 'ergo', 'prosody', 'edge', 'storage'];
const skipped = /(^|\/)(prosody\.sqlite(-wal|-shm)?|apply|.*\.(pid|sock|lock)|acme\.log.*)$/;

interface Source {
  readonly settings: Settings;
  readonly database: Database;
  readonly domain: string;
  readonly version: string;
}

/**
 * Lays a data folder at one moment into `target`, while everything runs. What people stored is named before and after the database is
 * copied, so that everything that the database knows is there.
 */
export async function takeSnapshot({ settings, database, domain, version }: Source, target: string): Promise<Manifest> {
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true, mode: 0o700 });
  const { dataFolder, databaseUrl } = settings;
  for (const folder of unchanging) await copyTree(dataFolder, target, folder);
  if (databaseUrl) await dumpPostgres(databaseUrl, path.join(target, DUMP));
  else await copyDatabase(path.join(dataFolder, DATABASE), path.join(target, DATABASE));
  for (const folder of taken) await copyTree(dataFolder, target, folder);
  if (existsSync(path.join(dataFolder, PROSODY))) await copyDatabase(path.join(dataFolder, PROSODY), path.join(target, PROSODY));
  const manifest: Manifest = {
    ...{ version, domain, dialect: databaseUrl ? 'postgres' : 'sqlite', createdAt: new Date().toISOString() },
    rows: databaseUrl ? await countPostgres(database) : countRows(path.join(target, DATABASE)),
    files: await hashTree(target),
  };
  await writeFile(path.join(target, MANIFEST), JSON.stringify(manifest, undefined, 1), { mode: 0o600 });
  return manifest;
}

/** SQLite copies itself page by page and begins anew where somebody writes; readers and writers do not notice. */
async function copyDatabase(from: string, to: string): Promise<void> {
  await mkdir(path.dirname(to), { recursive: true, mode: 0o700 });
  // For its owner alone before anything is in it.
  await writeFile(to, '', { mode: 0o600 });
  const database = new SQLite(from, { readonly: true });
  try {
    await database.backup(to);
  } finally {
    database.close();
  }
}

async function copyTree(from: string, to: string, folder: string): Promise<void> {
  for (const file of await filesIn(path.join(from, folder))) {
    const name = path.join(folder, file);
    if (skipped.test(name)) continue;
    await mkdir(path.dirname(path.join(to, name)), { recursive: true, mode: 0o700 });
    const asLink = unchanging.some((same) => name.startsWith(`${same}${path.sep}`));
    await copyOne(path.join(from, name), path.join(to, name), asLink);
  }
}

/** What vanished meanwhile was on its way out. */
async function copyOne(from: string, to: string, asLink: boolean): Promise<void> {
  if (existsSync(to)) return;
  try {
    // Another volume has other files: there a link is not possible.
    if (asLink)
      await link(from, to).catch((error: NodeJS.ErrnoException) => (error.code === 'EXDEV' ? copyFile(from, to) : Promise.reject(error)));
    else await copyFile(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

export async function filesIn(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
}

export async function hashTree(folder: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const file of (await filesIn(folder)).sort()) if (file !== MANIFEST) hashes[file] = await hashOf(path.join(folder, file));
  return hashes;
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Throws if the database is damaged. */
export function countRows(file: string): Record<string, number> {
  // Who may only read leaves the files of SQLite's journal behind.
  const database = new SQLite(file, { fileMustExist: true });
  try {
    const [check] = database.pragma('integrity_check') as { integrity_check: string }[];
    if (check?.integrity_check !== 'ok') throw new Error(`${path.basename(file)}: ${check?.integrity_check}`);
    const tables = database
      .prepare(`select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' and sql not like 'create virtual%'`)
      .all();
    return Object.fromEntries((tables as { name: string }[]).map(({ name }) => [name, countOf(database, name)]));
  } finally {
    database.close();
  }
}

function countOf(database: SQLite.Database, table: string): number {
  return (database.prepare(`select count(*) as rows from "${table.replaceAll('"', '""')}"`).get() as { rows: number }).rows;
}

async function countPostgres(database: Database): Promise<Record<string, number>> {
  const tables = await sql<{ name: string }>`select tablename as name from pg_tables where schemaname = current_schema()`.execute(database);
  const rows: Record<string, number> = {};
  for (const { name } of tables.rows) {
    const counted = await sql<{ rows: string }>`select count(*) as rows from ${sql.table(name)}`.execute(database);
    rows[name] = Number(counted.rows[0]?.rows);
  }
  return rows;
}
