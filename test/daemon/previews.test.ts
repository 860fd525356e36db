import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Previews } from '../../server/daemon/previews/previews.ts';
import type { Database } from '../../server/database/database.ts';
import { onBothDialects } from '../support/databases.ts';

onBothDialects('link previews', ({ create }) => {
  let database: Database, server: http.Server, base: string, previews: Previews;
  const asked: string[] = [];
  const resolved: string[] = [];

  beforeAll(async () => {
    database = await create();
    server = http.createServer((request, response) => {
      asked.push(request.url ?? '');
      const html = { 'content-type': 'text/html; charset=utf-8' };
      if (request.url === '/page') return response.writeHead(200, html).end('<title>Ünïcode &amp; all</title>');
      if (request.url === '/latin')
        return response
          .writeHead(200, { 'content-type': 'text/html' })
          .end(Buffer.from('<meta charset=latin1><title>Caf\xe9</title>', 'latin1'));
      if (request.url === '/moved') return response.writeHead(302, { location: '/page' }).end();
      if (request.url === '/inside') return response.writeHead(302, { location: 'http://inside.test/secret' }).end();
      if (request.url === '/loop') return response.writeHead(302, { location: '/loop' }).end();
      if (request.url === '/endless') {
        response.writeHead(200, html).write('<title>Endless</title>');
        const timer = setInterval(() => response.write('x'.repeat(65_536)), 1);
        return response.on('close', () => clearInterval(timer));
      }
      return response.writeHead(200, { 'content-type': 'image/png' }).end('<title>no page</title>');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    base = `http://page.test:${(server.address() as AddressInfo).port}`;
    previews = new Previews(database, async ({ hostname: host }) => {
      resolved.push(host);
      return host === 'page.test' ? ['127.0.0.1'] : [];
    });
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it('fetches a page once, whoever asks how often', async () => {
    const [first, second] = await Promise.all([previews.find(`${base}/page#top`), previews.find(`${base}/page`)]);
    expect(first).toMatchObject({ title: 'Ünïcode & all', description: null });
    expect(second).toEqual(first);
    expect(await new Previews(database, async () => []).find(`${base}/page`)).toEqual(first);
    expect(asked.filter((path) => path === '/page')).toHaveLength(1);
    expect(await previews.find(`${base}/latin`)).toMatchObject({ title: 'Café' });
  });

  it('follows redirects, but not for ever and not inside', async () => {
    expect(await previews.find(`${base}/moved`)).toMatchObject({ title: 'Ünïcode & all' });
    expect(await previews.find(`${base}/loop`)).toBeNull();
    expect(asked.filter((path) => path === '/loop')).toHaveLength(4);
    expect(await previews.find(`${base}/inside`)).toBeNull();
    expect(resolved.at(-1)).toBe('inside.test');
  });

  it('takes the head of a page without an end, and nothing that is no page', async () => {
    expect(await previews.find(`${base}/endless`)).toMatchObject({ title: 'Endless' });
    expect(await previews.find(`${base}/image`)).toBeNull();
    for (const wrong of ['', 'x', 'file:///etc/passwd', 'http://user:pass@page.test/', `${base}/${'x'.repeat(2_000)}`]) {
      expect(await previews.find(wrong)).toBeNull();
    }
    expect(await new Previews(database).find('http://127.0.0.1/')).toBeNull();
  });
});
