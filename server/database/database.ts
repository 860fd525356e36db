import { chmodSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import SQLite from 'better-sqlite3';
import {
  CompiledQuery,
  Kysely,
  PostgresAdapter,
  PostgresDialect,
  SqliteDialect,
  SqliteDriver,
  type DatabaseConnection,
  type Driver,
  type SqliteDialectConfig,
  type Transaction,
} from 'kysely';
import pg from 'pg';
import { KosmosError, messageOf } from '../foundation/errors.ts';
import type { Settings } from '../foundation/settings.ts';
import type { Dialect } from './migration.ts';
import type { Schema } from './schema.ts';

export type Database = Kysely<Schema>;
/** Inside a transaction or outside: whatever runs queries. */
export type Queries = Kysely<Schema> | Transaction<Schema>;

const BUSY_TIMEOUT = 5_000;
const CONNECT_TIMEOUT = 5_000;
const POOL_SIZE = 8;

/** SQLite at `data/kosmos.db` or PostgreSQL at DATABASE_URL. Several processes may hold one open. */
export function openDatabase(settings: Pick<Settings, 'dataFolder' | 'databaseUrl'>): Database {
  return settings.databaseUrl ? openPostgres(settings.databaseUrl) : openSqlite(path.join(settings.dataFolder, 'kosmos.db'));
}

export function dialectOf(settings: Pick<Settings, 'databaseUrl'>): Dialect {
  return settings.databaseUrl ? 'postgres' : 'sqlite';
}

/** The dialect of an open database. */
export function dialectIn(queries: Queries): Dialect {
  return queries.getExecutor().adapter instanceof PostgresAdapter ? 'postgres' : 'sqlite';
}

/**
 * A transaction that reads first and then writes fails at once (SQLITE_BUSY_SNAPSHOT, no waiting) if another process wrote in
 * between. So transactions take the write lock at their start, where the busy timeout holds.
 */
class ImmediateDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }
}

class ImmediateSqliteDialect extends SqliteDialect {
  readonly #config: SqliteDialectConfig;
  constructor(config: SqliteDialectConfig) {
    super(config);
    this.#config = config;
  }
  override createDriver(): Driver {
    return new ImmediateDriver(this.#config);
  }
}

function openSqlite(file: string): Database {
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    const connection = new SQLite(file, { timeout: BUSY_TIMEOUT });
    chmodSync(file, 0o600);
    connection.pragma('journal_mode = WAL');
    connection.pragma('synchronous = NORMAL');
    connection.pragma('foreign_keys = ON');
    return new Kysely<Schema>({ dialect: new ImmediateSqliteDialect({ database: connection }) });
  } catch (error) {
    throw new KosmosError('KOSMOS_ERR_DATABASE_UNREACHABLE', { reason: messageOf(error) }, { cause: error });
  }
}

function openPostgres(connectionString: string): Database {
  const pool = new pg.Pool({ connectionString, max: POOL_SIZE, connectionTimeoutMillis: CONNECT_TIMEOUT, types: { getTypeParser } });
  // A connection that breaks while idle is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined);
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
}

const { builtins } = pg.types;
/** Event ids and counts are far below 2^53: read bigint as number, as SQLite gives it. */
const getTypeParser: typeof pg.types.getTypeParser = ((oid: number, format: 'text') =>
  oid === builtins.INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser;

/** Locks the rows that are read until the transaction ends. SQLite has one writer at a time, and needs and knows no such thing. */
export function forUpdate<T extends { forUpdate(): T }>(query: T, queries: Queries): T {
  return dialectIn(queries) === 'postgres' ? query.forUpdate() : query;
}

/** Now, as the database keeps times. */
export function timestamp(milliseconds = Date.now()): string {
  return new Date(milliseconds).toISOString();
}

/** Whether a write failed because a row with that key is there already (SQLite and PostgreSQL 23505). */
export function isUniqueViolation(error: unknown): boolean {
  const code = (error as { code?: unknown } | undefined)?.code;
  return code === '23505' || code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY';
}
