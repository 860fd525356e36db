import { afterAll, beforeAll, expect, it } from 'vitest';
import { startAppliance, type TestAppliance } from './support/appliance.ts';
import { StorageClient, type FolderDescription } from './support/client.ts';

let appliance: TestAppliance;
let client: StorageClient;
beforeAll(async () => {
  appliance = await startAppliance();
  const alice = await appliance.addAccount('alice');
  client = new StorageClient(`${appliance.origin}/storage/alice`, await appliance.token(alice, '*:rw'));
});
afterAll(() => appliance?.close());

it('describes a large folder as it is after every change, however little of it is read anew', async () => {
  const names = Array.from({ length: 200 }, (_, index) => `document-${index}`);
  for (let start = 0; start < names.length; start += 20) {
    await Promise.all(names.slice(start, start + 20).map((name) => client.put(`/large/${name}`, name)));
  }
  const describeFolder = async () => (await client.get(`/large/`)).json<FolderDescription>().items;
  expect(Object.keys(await describeFolder())).toHaveLength(200);
  const changed = await client.put(`/large/document-7`, 'longer than before', { 'content-type': 'text/html' });
  const added = await client.put(`/large/a "new" one`, 'x');
  await client.put(`/large/folder/inside`, 'x');
  await client.delete(`/large/document-8`);
  const items = await describeFolder();
  expect(items['document-7']).toMatchObject({ ETag: changed.etag, 'Content-Type': 'text/html', 'Content-Length': 18 });
  expect(items['a "new" one']).toMatchObject({ ETag: added.etag });
  expect(items['folder/']).toEqual({ ETag: (await client.get(`/large/folder/`)).etag });
  expect(items).not.toHaveProperty('document-8');
  expect(Object.keys(items)).toHaveLength(201);
  const other = (await client.get(`/large/document-9`)).etag;
  expect(items['document-9']).toMatchObject({ ETag: other, 'Content-Length': 10 });
});
