import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Account } from '../../server/identity/accounts.ts';
import { startAppliance, stop, type TestAppliance } from './support/appliance.ts';
import { StorageClient, type FolderDescription } from './support/client.ts';

const WRITERS = 6;
const KILLS = 2;
const BEFORE_KILL = 40;

let appliance: TestAppliance;
let alice: Account;
let client: StorageClient;

beforeAll(async () => {
  appliance = await startAppliance();
  alice = await appliance.addAccount('alice');
  client = new StorageClient(`${appliance.origin}/storage/alice`, await appliance.token(alice, '*:rw'));
});

afterAll(() => appliance.close());

/** Node 20 has no Promise.withResolvers. */
function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}

/** A document that says itself whether it is whole; every second one is small enough for the database. */
function contentOf(name: string, version: number): string {
  return `${name} ${version} `.repeat(version % 2 ? 10 : 400);
}

/** Overwrites and deletes its documents until the server is gone; remembers what was acknowledged, and what was under way. */
class Writer {
  readonly acknowledged = new Map<string, number | undefined>();
  underWay: { name: string; version: number | undefined } | undefined;
  writes = 0;

  async run(folder: string, onWrite: () => void): Promise<void> {
    for (let version = this.writes; ; version += 1) {
      const name = `${folder}/deep/document-${version % 5}`;
      const isDelete = version % 7 === 6 && this.acknowledged.get(name) !== undefined;
      this.underWay = { name, version: isDelete ? undefined : version };
      const answer = await (isDelete ? client.delete(name) : client.put(name, contentOf(name, version))).catch(() => undefined);
      if (!answer) return;
      expect(answer.status).toBeLessThan(300);
      this.acknowledged.set(name, this.underWay.version);
      this.underWay = undefined;
      this.writes += 1;
      onWrite();
    }
  }

  async check(): Promise<void> {
    for (const [name, version] of this.acknowledged) {
      const answer = await client.get(name);
      const allowed = [version, ...(this.underWay?.name === name ? [this.underWay.version] : [])];
      const texts = allowed.map((one) => (one === undefined ? 404 : contentOf(name, one)));
      expect(texts).toContain(answer.status === 200 ? answer.text : answer.status);
      this.acknowledged.set(name, answer.status === 200 ? Number(answer.text.split(' ')[1]) : undefined);
    }
  }
}

/** Every folder below, its listing compared with what each document says. */
async function countConsistent(folder: string): Promise<{ documents: number; bytes: number }> {
  const { items } = (await client.get(folder)).json<FolderDescription>();
  let sum = { documents: 0, bytes: 0 };
  for (const [name, item] of Object.entries(items)) {
    const answer = name.endsWith('/') ? await client.send('HEAD', folder + name) : await client.get(folder + name);
    expect(answer.etag).toBe(item.ETag);
    if (!name.endsWith('/')) expect(answer.text.length).toBe(item['Content-Length']);
    const below = name.endsWith('/') ? await countConsistent(folder + name) : { documents: 1, bytes: answer.text.length };
    sum = { documents: sum.documents + below.documents, bytes: sum.bytes + below.bytes };
  }
  return sum;
}

it('killed in the middle of many writes: all that was acknowledged is there, whole, and nothing is left behind', async () => {
  const writers = Array.from({ length: WRITERS }, () => new Writer());
  for (let kill = 0; kill < KILLS; kill += 1) {
    let writes = 0;
    const killing = withResolvers();
    const onWrite = (): void => {
      writes += 1;
      if (writes === BEFORE_KILL) void stop(appliance.process(), 'SIGKILL').then(killing.resolve);
    };
    await Promise.all([killing.promise, ...writers.map((writer, index) => writer.run(`/crash/writer-${index}`, onWrite))]);
    await appliance.restart();
    for (const writer of writers) await writer.check();
  }
  const { documents, bytes } = await countConsistent('/');
  expect(documents).toBeGreaterThan(0);
  const row = await appliance.database
    .selectFrom('storage_accounts')
    .select('bytes')
    .where('account_id', '=', alice.id)
    .executeTakeFirstOrThrow();
  expect(row.bytes).toBe(bytes + documents * 256);
  const folder = path.join(appliance.settings.dataFolder, 'storage');
  const files = (): number => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;
  const large = await appliance.database.selectFrom('storage_items').select('blob').where('length', '>', 4_096).execute();
  expect(large.length).toBeGreaterThan(0);
  await expect.poll(files, { timeout: 10_000 }).toBe(large.length);
});
