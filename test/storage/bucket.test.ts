import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openBlobs } from '../../server/storage/open-blobs.ts';
import { PASSWORD, spawnStorage, startAppliance, stop, type TestAppliance } from './support/appliance.ts';
import { startBucket, type TestBucket } from './support/bucket.ts';
import { StorageClient } from './support/client.ts';

/** Larger than what lies in the database. */
const LARGE = 'large '.repeat(50_000);

let bucket: TestBucket;
let opened: TestAppliance[];

beforeEach(async () => {
  bucket = await startBucket();
  opened = [];
});

afterEach(async () => {
  for (const appliance of opened) await appliance.close();
  await bucket.close();
});

async function start(withBucket?: TestBucket): Promise<{ appliance: TestAppliance; client: StorageClient }> {
  const appliance = await startAppliance(withBucket);
  opened.push(appliance);
  const alice = await appliance.addAccount('alice', PASSWORD);
  return { appliance, client: new StorageClient(`${appliance.origin}/storage/alice`, await appliance.token(alice, '*:rw')) };
}

it('says at the start what is wrong: no keys, wrong keys, no bucket, nobody there', async () => {
  const { appliance } = await start();
  const { settings, database } = appliance;
  const opening = (url = bucket.url) => openBlobs({ ...settings, s3: { url, region: 'us-east-1' } }, database);
  const refusal = (code: string, reason: RegExp) => expect.objectContaining({ code, message: expect.stringMatching(reason) });
  await expect(opening()).rejects.toThrow(refusal('KOSMOS_ERR_S3_KEYS', /ENOENT.*data\/secrets\/s3\.$/));
  bucket.giveKeys(settings.dataFolder, 'S3RVER');
  await expect(opening()).rejects.toThrow(refusal('KOSMOS_ERR_S3_KEYS', /two lines/));
  bucket.giveKeys(settings.dataFolder, 'nobody\nS3RVER\n');
  await expect(opening()).rejects.toThrow(refusal('KOSMOS_ERR_S3_REFUSED', /InvalidAccessKeyId/));
  bucket.giveKeys(settings.dataFolder);
  await expect(opening(`${bucket.url}2`)).rejects.toThrow(refusal('KOSMOS_ERR_S3_NO_BUCKET', /NoSuchBucket/));
  await opening();
  expect(statSync(path.join(settings.dataFolder, 'secrets', 's3')).mode & 0o777).toBe(0o600);

  // As whoever starts the appliance sees it.
  await stop(appliance.process());
  bucket.giveKeys(settings.dataFolder, 'S3RVER\nguessed-secret\n');
  const child = spawnStorage(settings, bucket, 'pipe');
  const [said, [code]] = await Promise.all([text(child.stderr!), once(child, 'exit')]);
  expect(code).toBe(1);
  expect(said).toMatch(/^storage: KOSMOS_ERR_S3_REFUSED: The bucket http:\S+\/documents refuses .*: SignatureDoesNotMatch/);
  expect(said).not.toContain('guessed-secret');
  await bucket.stop();
  await expect(opening()).rejects.toThrow(refusal('KOSMOS_ERR_S3_UNREACHABLE', /ECONNREFUSED/));
});

it('answers 503 while the bucket is away, without a word about it, and goes on when it is back', async () => {
  const { client } = await start(bucket);
  const { etag } = await client.put('/notes/long', LARGE);
  await bucket.stop();
  const answers = [await client.get('/notes/long'), await client.put('/notes/long', `${LARGE}2`)];
  for (const answer of answers) {
    expect([answer.status, answer.json<{ code: string }>().code]).toEqual([503, 'KOSMOS_ERR_STORAGE_AWAY']);
    expect(answer.text).not.toContain('127.0.0.1');
  }
  expect((await client.send('HEAD', '/notes/long')).etag).toBe(etag);
  await bucket.start();
  expect((await client.get('/notes/long')).text).toBe(LARGE);
  expect((await client.put('/notes/long', `${LARGE}2`, { 'if-match': `"${etag}"` })).status).toBe(200);
  expect((await client.get('/notes/long')).text).toBe(`${LARGE}2`);
  expect(bucket.objects()).toHaveLength(1);
});

it('sweeps what no document names, and leaves alone what another appliance keeps in the same bucket', async () => {
  const [one, other] = [await start(bucket), await start(bucket)];
  await one.client.put('/notes/a', 'of one');
  await other.client.put('/notes/a', 'of the other');
  await stop(one.appliance.process(), 'SIGKILL');
  await one.appliance.database.deleteFrom('storage_items').execute();
  await one.appliance.restart();
  await expect.poll(() => bucket.objects().length).toBe(1);
  expect((await other.client.get('/notes/a')).text).toBe('of the other');
});

it('moves what lay in files into a bucket that is named later, and can be read all the while', async () => {
  const { appliance, client } = await start();
  const folder = path.join(appliance.settings.dataFolder, 'storage');
  const files = (): number => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;
  for (const name of ['one', 'two', 'three']) await client.put(`/notes/${name}`, name + LARGE);
  expect(files()).toBe(3);
  await stop(appliance.process(), 'SIGKILL');
  await appliance.restart(bucket);
  expect((await client.get('/notes/two', { range: 'bytes=0-4' })).text).toBe('twola');
  await expect.poll(files).toBe(0);
  for (const name of ['one', 'two', 'three']) expect((await client.get(`/notes/${name}`)).text).toBe(name + LARGE);
  await client.delete('/notes/two');
  expect(bucket.objects()).toHaveLength(2);
  expect(readdirSync(path.join(appliance.settings.dataFolder, 'run')).filter((name) => name.startsWith('upload'))).toEqual([]);
});
