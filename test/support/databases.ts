import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { openDatabase, type Database } from '../../server/database/database.ts';
import { migrate } from '../../server/database/migrate.ts';
import type { Dialect, Migration } from '../../server/database/migration.ts';
import { migrations } from '../../server/database/migrations/all.ts';
import type { Settings } from '../../server/foundation/settings.ts';
import { startPostgres, type PostgresServer } from './postgres.ts';

export type DatabaseSettings = Pick<Settings, 'dataFolder' | 'databaseUrl'>;

export interface TestDatabases {
  readonly dialect: Dialect;
  /** A fresh database at `steps`; closed at the end of the file. */
  create(steps?: readonly Migration[]): Promise<Database>;
  /** How another process opens the database that was created last. */
  settings(): DatabaseSettings;
}

/** Runs `tests` once on SQLite and once on PostgreSQL. */
export function onBothDialects(title: string, tests: (databases: TestDatabases) => void): void {
  for (const dialect of ['sqlite', 'postgres'] as const) {
    describe(`${title} on ${dialect}`, () => {
      const opened: Database[] = [];
      const folders: string[] = [];
      let server: PostgresServer | undefined;
      let settings: DatabaseSettings;
      beforeAll(async () => {
        if (dialect === 'postgres') server = await startPostgres();
      });
      afterAll(async () => {
        for (const database of opened) await database.destroy();
        await server?.stop();
        for (const folder of folders) rmSync(folder, { recursive: true, force: true });
      });
      const create = async (steps: readonly Migration[] = migrations): Promise<Database> => {
        const folder = mkdtempSync(path.join(os.tmpdir(), 'kosmos-db-'));
        folders.push(folder);
        settings = { dataFolder: folder, databaseUrl: await server?.createDatabase() };
        const database = openDatabase(settings);
        opened.push(database);
        await migrate(database, dialect, steps);
        return database;
      };
      tests({ dialect, create, settings: () => settings });
    });
  }
}
