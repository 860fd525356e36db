import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Account } from '../../server/identity/accounts.ts';
import { startBucket, type TestBucket } from './support/bucket.ts';
import { startAppliance, type TestAppliance } from './support/appliance.ts';
import { StorageClient, type FolderDescription } from './support/client.ts';

/** From the text of draft-dejong-remotestorage-26; the numbers are its sections. Everything holds wherever contents are. */
describe.each(['files', 'a bucket'] as const)('contents in %s:', (place) => {
  let appliance: TestAppliance;
  let alice: Account;
  let root: string;
  let client: StorageClient;
  let run = 0;
  let bucket: TestBucket | undefined;

  beforeAll(async () => {
    bucket = place === 'a bucket' ? await startBucket() : undefined;
    appliance = await startAppliance(bucket);
    alice = await appliance.addAccount('alice');
    await appliance.addAccount('bob');
    root = `${appliance.origin}/storage/alice`;
    client = new StorageClient(root, await appliance.token(alice, '*:rw'));
  });

  afterAll(async () => {
    await appliance.close();
    await bucket?.close();
  });

  let base = '';
  beforeEach(() => {
    run += 1;
    base = `/case-${run}`;
  });

  describe('4. requests', () => {
    it('stores a document with its type and gives it back byte by byte', async () => {
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
      const put = await client.put(`${base}/bytes`, bytes, { 'content-type': 'image/x-test; a="b"' });
      expect(put.status).toBe(201);
      const response = await fetch(`${root}${base}/bytes`, { headers: { authorization: `Bearer ${await appliance.token(alice, '*:r')}` } });
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('image/x-test; a="b"');
      expect(response.headers.get('content-length')).toBe('256');
      expect(response.headers.get('etag')).toBe(`"${put.etag}"`);
      expect(response.headers.get('cache-control')).toBe('no-cache');
      expect(response.headers.get('accept-ranges')).toBe('bytes');
      expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
    });

    it('answers HEAD as GET without a body', async () => {
      await client.put(`${base}/a`, 'hello');
      const [get, head, folder] = [
        await client.get(`${base}/a`),
        await client.send('HEAD', `${base}/a`),
        await client.send('HEAD', `${base}/`),
      ];
      expect([head.status, head.text]).toEqual([200, '']);
      for (const name of ['etag', 'content-type', 'content-length', 'last-modified', 'cache-control']) {
        expect(head.headers.get(name)).toBe(get.headers.get(name));
      }
      expect([folder.status, folder.text, folder.headers.get('content-type')]).toEqual([200, '', 'application/ld+json']);
      expect(folder.etag).toBe((await client.get(`${base}/`)).etag);
    });

    it('describes a folder in JSON-LD', async () => {
      const put = await client.put(`${base}/abc`, 'héllo', { 'content-type': 'text/plain; charset=utf-8' });
      await client.put(`${base}/def/ghi`, 'x');
      const folder = await client.get(`${base}/`);
      expect(folder.headers.get('content-type')).toBe('application/ld+json');
      const { '@context': context, items } = folder.json<FolderDescription>();
      expect(context).toBe('http://remotestorage.io/spec/folder-description');
      expect(Object.keys(items).sort()).toEqual(['abc', 'def/']);
      expect(items.abc).toEqual({
        ...{ ETag: put.etag, 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': 6 },
        'Last-Modified': (await client.get(`${base}/abc`)).headers.get('last-modified'),
      });
      expect(items['def/']).toEqual({ ETag: (await client.get(`${base}/def/`)).etag });
    });

    it('describes an empty folder without items, and never lists one', async () => {
      const empty = await client.get(`${base}/nothing/here/`);
      expect([empty.status, empty.json<FolderDescription>().items]).toEqual([200, {}]);
      expect(empty.etag).toBeTruthy();
      await client.put(`${base}/a/b/c/one`, '1');
      await client.put(`${base}/a/two`, '2');
      await client.delete(`${base}/a/b/c/one`);
      expect(Object.keys((await client.get(`${base}/a/`)).json<FolderDescription>().items)).toEqual(['two']);
      await client.delete(`${base}/a/two`);
      expect((await client.get('/')).text).not.toContain(`"${base.slice(1)}/"`);
    });

    it('renews the version of every folder above a document that is put or deleted, and of no other', async () => {
      await client.put(`${base}/x/y/doc`, '1');
      await client.put(`${base}/other/doc`, '1');
      const versions = async (): Promise<(string | undefined)[]> =>
        Promise.all(['/', `${base}/`, `${base}/x/`, `${base}/x/y/`, `${base}/other/`].map(async (path) => (await client.get(path)).etag));
      let before = await versions();
      const changes = [
        () => client.put(`${base}/x/y/doc`, '1'),
        () => client.put(`${base}/x/y/z`, '2'),
        () => client.delete(`${base}/x/y/doc`),
      ];
      for (const change of changes) {
        expect((await change()).status).toBeLessThan(300);
        const after = await versions();
        expect(after.slice(0, 4).filter((version, index) => version === before[index])).toEqual([]);
        expect(after[4]).toBe(before[4]);
        before = after;
      }
    });

    it('takes a body of unknown length', async () => {
      const chunks = new ReadableStream({
        start(controller) {
          for (const part of ['one ', 'two ', 'three']) controller.enqueue(Buffer.from(part));
          controller.close();
        },
      });
      expect((await client.put(`${base}/chunked`, chunks)).status).toBe(201);
      expect((await client.get(`${base}/chunked`)).text).toBe('one two three');
    });

    it('takes any name but the forbidden ones', async () => {
      const names = [
        'CON',
        "a~b!c*d'e(f)g",
        'naïve ☃ 日本',
        'ABC',
        'abc',
        '%2e',
        'x:y?z#"\\',
        '__proto__',
        '.~meta',
        'a'.repeat(1_000),
        ' ',
      ];
      for (const name of names) expect((await client.put(`${base}/${encodeURIComponent(name)}`, name)).status).toBe(201);
      for (const name of names) expect((await client.get(`${base}/${encodeURIComponent(name)}`)).text).toBe(name);
      expect(Object.keys((await client.get(`${base}/`)).json<FolderDescription>().items).sort()).toEqual([...names].sort());
      expect((await client.get(`${base}/%41BC`)).text).toBe('ABC');
    });

    it('sends the part that a Range header asks for', async () => {
      const { etag } = await client.put(`${base}/r`, '0123456789');
      const part = async (range: string, more: Record<string, string> = {}): Promise<unknown[]> => {
        const answer = await client.get(`${base}/r`, { range, ...more });
        return [answer.status, answer.text, answer.headers.get('content-range')];
      };
      expect(await part('bytes=2-4')).toEqual([206, '234', 'bytes 2-4/10']);
      expect(await part('bytes=7-')).toEqual([206, '789', 'bytes 7-9/10']);
      expect(await part('bytes=-3')).toEqual([206, '789', 'bytes 7-9/10']);
      expect(await part('bytes=8-99')).toEqual([206, '89', 'bytes 8-9/10']);
      expect(await part('bytes=0-1', { 'if-range': `"${etag}"` })).toEqual([206, '01', 'bytes 0-1/10']);
      expect(await part('bytes=0-1', { 'if-range': '"other"' })).toEqual([200, '0123456789', null]);
      expect((await part('bytes=10-'))[0]).toBe(416);
      expect((await part('lines=1-2'))[0]).toBe(200);
    });
  });

  describe('5. response codes', () => {
    it('404 for documents that do not exist', async () => {
      for (const method of ['GET', 'HEAD', 'DELETE']) expect((await client.send(method, `${base}/none`)).status).toBe(404);
      expect((await client.get(`${base}/none`)).etag).toBeUndefined();
    });

    it('401 without a valid token, saying so in WWW-Authenticate', async () => {
      const none = await new StorageClient(root).get(`${base}/a`);
      expect([none.status, none.headers.get('www-authenticate')]).toEqual([401, `Bearer realm="${appliance.host}"`]);
      const wrong = await new StorageClient(root, 'x'.repeat(43)).get(`${base}/a`);
      expect([wrong.status, wrong.headers.get('www-authenticate')]).toEqual([
        401,
        `Bearer realm="${appliance.host}", error="invalid_token"`,
      ]);
      expect((await client.send('GET', `${base}/a`, { authorization: 'Bearer %E0%A4%A' })).status).toBe(401);
      expect((await new StorageClient(root).get(`${base}/a?access_token=${await appliance.token(alice, '*:rw')}`)).status).toBe(401);
    });

    it('403 for data outside the scope or of another account', async () => {
      const notes = new StorageClient(root, await appliance.token(alice, 'notes:r contacts:rw'));
      await client.put('/notes/a', '1');
      expect((await notes.get('/notes/a')).status).toBe(200);
      expect((await notes.get('/notes/')).status).toBe(200);
      expect((await notes.put('/notes/a', '2')).status).toBe(403);
      expect((await notes.put('/contacts/a', '2')).status).toBe(201);
      expect((await notes.put('/public/contacts/a', '2')).status).toBe(201);
      for (const path of ['/', '/public/', '/notes', '/notes2/a', '/other/a', '/other/']) {
        const answer = await notes.get(path);
        expect([path, answer.status]).toEqual([path, 403]);
        expect(answer.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
      }
      const strange = new StorageClient(`${appliance.origin}/storage/bob`, await appliance.token(alice, '*:rw'));
      expect((await strange.get('/notes/a')).status).toBe(403);
      expect((await strange.put('/notes/a', 'x')).status).toBe(403);
      expect((await new StorageClient(`${appliance.origin}/storage/nobody`, await appliance.token(alice, '*:rw')).get('/')).status).toBe(
        403,
      );
    });

    it('409 where a folder and a document would share a name', async () => {
      await client.put(`${base}/a/b`, '1');
      expect((await client.put(`${base}/a`, 'x')).status).toBe(409);
      expect((await client.put(`${base}/a/b/c`, 'x')).status).toBe(409);
      expect((await client.get(`${base}/a/b`)).text).toBe('1');
    });

    it('4xx for writing to a folder, and for what is not a method of storage', async () => {
      expect((await client.put(`${base}/f/`, 'x')).status).toBe(400);
      expect((await client.delete(`${base}/f/`)).status).toBe(400);
      expect((await client.send('PUT', `${base}/a`, { 'content-range': 'bytes 0-1/2' }, 'xx')).status).toBe(400);
      const post = await client.send('POST', `${base}/a`, {}, 'x');
      expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD, PUT, DELETE, OPTIONS']);
    });
  });

  describe('6. versioning', () => {
    it('gives each version an ETag, and DELETE the one that it removed', async () => {
      const first = await client.put(`${base}/a`, '1');
      const second = await client.put(`${base}/a`, '1');
      expect([first.status, second.status]).toEqual([201, 200]);
      expect(second.etag).not.toBe(first.etag);
      const removed = await client.delete(`${base}/a`);
      expect([removed.status, removed.etag]).toEqual([200, second.etag]);
    });

    it('writes only if If-Match names the current version', async () => {
      const { etag } = await client.put(`${base}/a`, '1');
      const failed = await client.put(`${base}/a`, '2', { 'if-match': '"other"' });
      expect([failed.status, failed.etag]).toEqual([412, etag]);
      expect((await client.delete(`${base}/a`, { 'if-match': '"other"' })).status).toBe(412);
      expect((await client.put(`${base}/none`, '2', { 'if-match': `"${etag}"` })).status).toBe(412);
      expect((await client.put(`${base}/a`, '2', { 'if-match': `"other", "${etag}"` })).status).toBe(200);
      expect((await client.get(`${base}/a`)).text).toBe('2');
    });

    it('creates only with If-None-Match: *', async () => {
      expect((await client.put(`${base}/a`, '1', { 'if-none-match': '*' })).status).toBe(201);
      expect((await client.put(`${base}/a`, '2', { 'if-none-match': '*' })).status).toBe(412);
      expect((await client.get(`${base}/a`)).text).toBe('1');
    });

    it('answers 304 where If-None-Match lists the current version', async () => {
      const { etag } = await client.put(`${base}/a`, '1');
      const same = await client.get(`${base}/a`, { 'if-none-match': `"x", "${etag}"` });
      expect([same.status, same.etag, same.text]).toEqual([304, etag, '']);
      expect((await client.get(`${base}/a`, { 'if-none-match': '"x", "y"' })).status).toBe(200);
      const folder = await client.get(`${base}/`);
      expect((await client.get(`${base}/`, { 'if-none-match': `"${folder.etag}"` })).status).toBe(304);
    });

    it('lets one of many writers win who all saw the same version', async () => {
      const { etag } = await client.put(`${base}/a`, 'start');
      const writers = Array.from({ length: 12 }, (_, index) => client.put(`${base}/a`, `writer ${index}`, { 'if-match': `"${etag}"` }));
      const statuses = (await Promise.all(writers)).map(({ status }) => status);
      expect(statuses.filter((status) => status === 200)).toHaveLength(1);
      expect(statuses.filter((status) => status === 412)).toHaveLength(11);
    });
  });

  describe('9. access control', () => {
    it('lets everybody read public documents, and list no public folder', async () => {
      await client.put(`/public${base}/a`, 'for all');
      const nobody = new StorageClient(root);
      const answer = await nobody.get(`/public${base}/a`);
      expect([answer.status, answer.text, answer.headers.get('cache-control')]).toEqual([200, 'for all', 'no-cache, public']);
      expect((await nobody.send('HEAD', `/public${base}/a`)).status).toBe(200);
      expect((await nobody.get(`/public${base}/`)).status).toBe(401);
      expect((await nobody.put(`/public${base}/a`, 'x')).status).toBe(401);
      expect((await nobody.get(`/public${base}/none`)).status).toBe(404);
    });
  });
});
