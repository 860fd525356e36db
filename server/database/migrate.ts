import { CompiledQuery, sql } from 'kysely';
import { KosmosError, messageOf } from '../foundation/errors.ts';
import { timestamp, type Database, type Queries } from './database.ts';
import type { Dialect, Migration } from './migration.ts';

interface AppliedMigration {
  name: string;
  /** JSON list of the statements that undo it: an older version can step down a schema it does not know. */
  down: string;
  applied_at: string;
}

/**
 * Brings the schema up to `migrations`, each step in a transaction of its own. Returns the names of the steps taken.
 * Throws KOSMOS_ERR_DATABASE_NEWER if the database has a step that this code does not know.
 */
export async function migrate(database: Database, dialect: Dialect, migrations: readonly Migration[]): Promise<string[]> {
  const applied = await findApplied(database).catch((error: unknown) => {
    throw new KosmosError('KOSMOS_ERR_DATABASE_UNREACHABLE', { reason: messageOf(error) }, { cause: error });
  });
  const unknown = applied.find(({ name }) => !migrations.some((migration) => migration.name === name));
  if (unknown) throw new KosmosError('KOSMOS_ERR_DATABASE_NEWER', { migration: unknown.name });
  const missing = migrations.filter((migration) => !applied.some(({ name }) => name === migration.name));
  for (const migration of missing) await apply(database, dialect, migration);
  return missing.map(({ name }) => name);
}

/** Undoes what is newer than `migrations`, newest first, by the statements stored in the database. Returns the names undone. */
export async function stepDown(database: Database, migrations: readonly Migration[]): Promise<string[]> {
  const applied = await findApplied(database);
  const newer = applied.filter(({ name }) => !migrations.some((migration) => migration.name === name)).reverse();
  for (const { name, down } of newer) {
    await database.transaction().execute(async (transaction) => {
      await executeAll(transaction, JSON.parse(down) as string[]);
      await sql`delete from migrations where name = ${name}`.execute(transaction);
    });
  }
  return newer.map(({ name }) => name);
}

async function findApplied(database: Database): Promise<AppliedMigration[]> {
  await sql`create table if not exists migrations (name text primary key, down text not null, applied_at text not null)`.execute(database);
  const result = await sql<AppliedMigration>`select name, down, applied_at from migrations order by name`.execute(database);
  return result.rows;
}

async function apply(database: Database, dialect: Dialect, migration: Migration): Promise<void> {
  const down = JSON.stringify(migration.down(dialect));
  await database.transaction().execute(async (transaction) => {
    await executeAll(transaction, migration.up(dialect));
    await sql`insert into migrations (name, down, applied_at) values (${migration.name}, ${down}, ${timestamp()})`.execute(transaction);
  });
}

async function executeAll(queries: Queries, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await queries.executeQuery(CompiledQuery.raw(statement));
}
