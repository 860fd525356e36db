import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openDatabase, type Database } from '../database/database.ts';
import { Outbox } from '../database/events.ts';
import { migrate } from '../database/migrate.ts';
import { migrations } from '../database/migrations/all.ts';
import { createAccount, type Account, type NewAccount } from './accounts.ts';
import { createScramKeys, type ScramKeys } from './scram.ts';

export const PASSWORD = 'correct horse battery';
let keys: Promise<ScramKeys[]> | undefined;

export interface TestStore {
  readonly database: Database;
  readonly outbox: Outbox;
  /** An account with PASSWORD. */
  account(account: string | NewAccount): Promise<Account>;
  /** The types of all events so far, oldest first. */
  events(): Promise<string[]>;
  close(): Promise<void>;
}

/** A real database with the whole schema, in a folder of its own. */
export async function openTestStore(): Promise<TestStore> {
  const dataFolder = mkdtempSync(path.join(os.tmpdir(), 'kosmos-store-'));
  const database = openDatabase({ dataFolder, databaseUrl: undefined });
  await migrate(database, 'sqlite', migrations);
  const outbox = new Outbox(database, 'sqlite');
  return {
    ...{ database, outbox },
    async account(account) {
      const made = await (keys ??= createScramKeys(PASSWORD));
      return outbox.change((change) => createAccount(change, typeof account === 'string' ? { name: account } : account, made));
    },
    events: async () => (await outbox.findAfter(0)).map(({ type }) => type),
    async close() {
      await database.destroy();
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}
