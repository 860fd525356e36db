import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { dialectIn, type Database } from '../../server/database/database.ts';
import { migrate, stepDown } from '../../server/database/migrate.ts';
import { migrations } from '../../server/database/migrations/all.ts';
import type { Migration } from '../../server/database/migration.ts';
import { onBothDialects } from '../support/databases.ts';

const names = migrations.map(({ name }) => name);

const notes: Migration = {
  name: '9000-notes',
  up: () => ['create table notes (id text primary key)', "insert into notes values ('kept')"],
  down: () => ['drop table notes'],
};
const broken: Migration = {
  name: '9001-broken',
  up: () => ['create table half_done (id text)', 'create table this is no statement'],
  down: () => ['drop table half_done'],
};

async function tablesOf(database: Database): Promise<string[]> {
  const query =
    dialectIn(database) === 'postgres'
      ? sql<{ name: string }>`select tablename as name from pg_tables where schemaname = 'public' order by 1`
      : sql<{ name: string }>`select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by 1`;
  return (await query.execute(database)).rows.map(({ name }) => name);
}

onBothDialects('migrations', ({ dialect, create }) => {
  it('takes every step once, in order', async () => {
    const database = await create([]);
    expect(await migrate(database, dialect, migrations)).toEqual(names);
    expect(await migrate(database, dialect, migrations)).toEqual([]);
    expect(await tablesOf(database)).toEqual(expect.arrayContaining(['accounts', 'channels', 'events', 'messages', 'sessions']));
  });

  it('goes all the way back and forth again, leaving nothing behind', async () => {
    const database = await create();
    expect(await stepDown(database, [])).toEqual([...names].reverse());
    expect(await tablesOf(database)).toEqual(['migrations']);
    expect(await migrate(database, dialect, migrations)).toEqual(names);
  });

  it('refuses a database that a newer version wrote, and an older version steps it down by what is stored', async () => {
    const database = await create([...migrations, notes]);
    await expect(migrate(database, dialect, migrations)).rejects.toMatchObject({
      code: 'KOSMOS_ERR_DATABASE_NEWER',
      details: { migration: notes.name },
    });
    expect(await stepDown(database, migrations)).toEqual([notes.name]);
    expect(await tablesOf(database)).not.toContain('notes');
    expect(await migrate(database, dialect, migrations)).toEqual([]);
  });

  it('leaves nothing of a step that fails', async () => {
    const database = await create();
    await expect(migrate(database, dialect, [...migrations, notes, broken])).rejects.toThrow();
    const tables = await tablesOf(database);
    expect(tables).toContain('notes');
    expect(tables).not.toContain('half_done');
  });
});
