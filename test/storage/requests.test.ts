import { once } from 'node:events';
import http from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '../../server/identity/accounts.ts';
import { startAppliance, type TestAppliance } from './support/appliance.ts';
import { StorageClient, type FolderDescription } from './support/client.ts';

/** What does not depend on where contents are; the numbers are sections of draft-dejong-remotestorage-26. */
let appliance: TestAppliance;
let alice: Account;
let root: string;
let client: StorageClient;
const base = '/case';
beforeAll(async () => {
  appliance = await startAppliance();
  alice = await appliance.addAccount('alice');
  root = `${appliance.origin}/storage/alice`;
  client = new StorageClient(root, await appliance.token(alice, '*:rw'));
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

describe('4. paths', () => {
  it('refuses names that are empty, dots, or not text', async () => {
    const headers = { authorization: `Bearer ${await appliance.token(alice, '*:rw')}` };
    // By hand: fetch would resolve %2e%2e before it asks.
    const status = async (path: string): Promise<number | undefined> => {
      const request = http.request({
        host: 'localhost',
        port: new URL(root).port,
        method: 'PUT',
        path: `/storage/alice${path}`,
        headers,
      });
      const [answer] = (await once(request.end('x'), 'response')) as [http.IncomingMessage];
      answer.resume();
      return answer.statusCode;
    };
    for (const path of ['//a', '/a//b', '/%2e%2e/a', '/../a', '/a/%2E', '/a%00b', '/a%2fb', '/%ff', '/%']) {
      expect([path, await status(path)]).toEqual([path, 400]);
    }
    expect((await client.put(`/${'a'.repeat(3_000)}`, 'x')).status).toBe(414);
    expect((await client.put('/a'.repeat(100), 'x')).status).toBe(414);
  });

  it('answers at once to a path that would keep a careless pattern busy for years', async () => {
    const began = Date.now();
    expect((await client.get(`/${'a'.repeat(200)}!`)).status).toBe(404);
    expect(Date.now() - began).toBeLessThan(10_000);
  });
});

describe('7. CORS', () => {
  it('answers a preflight without a token', async () => {
    const answer = await new StorageClient(root).send('OPTIONS', `${base}/a`, {
      ...{ origin: 'https://app.example', 'access-control-request-method': 'PUT', 'access-control-request-headers': 'authorization' },
    });
    expect(answer.status).toBeLessThan(300);
    expect(answer.headers.get('access-control-allow-origin')).toMatch(/^(\*|https:\/\/app\.example)$/);
    for (const method of ['GET', 'PUT', 'DELETE']) expect(answer.headers.get('access-control-allow-methods')).toContain(method);
    for (const name of ['Authorization', 'Content-Type', 'If-Match', 'If-None-Match', 'Range']) {
      expect(answer.headers.get('access-control-allow-headers')).toContain(name);
    }
  });

  it('lets any origin read every answer, refusals too', async () => {
    await client.put(`${base}/a`, '1');
    const answers = [
      await client.get(`${base}/a`),
      await client.get(`${base}/none`),
      await client.get('//'),
      await new StorageClient(root).get('/a'),
    ];
    for (const { headers, status } of answers) expect([status, headers.get('access-control-allow-origin')]).toEqual([status, '*']);
    expect(answers[0]?.headers.get('access-control-expose-headers')).toContain('ETag');
  });
});

describe('9. access control', () => {
  it('stops who guesses tokens or public documents', async () => {
    const guess = (path: string): Promise<number> =>
      new StorageClient(root).get(path, { 'x-test-address': '192.0.2.77' }).then(({ status }) => status);
    await Promise.all(Array.from({ length: 300 }, (_, index) => guess(`/public/guess-${index}`)));
    expect(await guess('/public/guess')).toBe(429);
    expect((await client.get('/')).status).toBe(200);
  });
});

describe('14. security', () => {
  it('shuts stored pages into an origin of their own and keeps them out of the web client', async () => {
    await client.put('/public/page.html', '<script>alert(1)</script>', { 'content-type': 'text/html' });
    const answer = await new StorageClient(root).get('/public/page.html');
    expect(answer.headers.get('content-security-policy')).toMatch(/^sandbox;/);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    const script = { 'sec-fetch-site': 'same-origin', 'sec-fetch-dest': 'serviceworker' };
    expect((await new StorageClient(root).get('/public/page.html', script)).status).toBe(403);
  });
});
