import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import type net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KosmosError } from '../../server/foundation/errors.ts';
import { createFeeds } from '../../server/gateway/platforms/feeds/platform.ts';
import type { Activity, ActivityObject } from '../../server/gateway/platforms/platform.ts';

const item = (number: number): string =>
  `<item><title>Article ${number}</title><link>http://blog.example/${number}</link><guid>g${number}</guid>` +
  `<pubDate>Mon, ${String(number).padStart(2, '0')} Nov 2026 10:00:00 GMT</pubDate><description>Brief ${number}</description></item>`;
const rss = (items: string): string =>
  `<?xml version="1.0"?><rss version="2.0"><channel><title>Best &amp; Feed</title><link>http://blog.example/</link>` +
  `<description>The best</description><language>en</language>${items}</channel></rss>`;

const atom = `<feed xmlns="http://www.w3.org/2005/Atom"><title>Atoms</title><id>urn:1</id><updated>2026-11-01T00:00:00Z</updated>
<author><name>Ann</name></author><entry><title>E</title><id>urn:e</id><link href="http://x.example/e"/>
<link rel="enclosure" href="http://x.example/e.mp3" type="audio/mpeg" length="3"/><updated>2026-11-01T00:00:00Z</updated>
<content type="html">&lt;b&gt;bold&lt;/b&gt;</content><category term="t"/></entry></feed>`;
const json = JSON.stringify({
  version: 'https://jsonfeed.org/version/1.1',
  title: 'Jason',
  items: [
    { id: '1', url: 'javascript:alert(1)', title: 'one', content_text: 'plain', date_published: '2026-01-01T00:00:00Z', tags: ['a'] },
  ],
});
const bomb = `<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>${rss('<item><title>&b;</title></item>')}`;

type Answer = (response: http.ServerResponse, request: http.IncomingMessage) => void;
const text =
  (body: string | Buffer, headers: http.OutgoingHttpHeaders = {}): Answer =>
  (response) =>
    void response.writeHead(200, headers).end(body);
const moved =
  (to: string): Answer =>
  (response) =>
    void response.writeHead(302, { location: to }).end();

const pages: Record<string, Answer> = {
  '/rss': text(rss([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map(item).join(''))),
  '/atom': text(atom),
  '/json': text(json, { 'content-type': 'application/feed+json' }),
  '/latin1': text(Buffer.from(rss('<item><title>Grüße</title></item>'), 'latin1'), { 'content-type': 'text/xml; charset=ISO-8859-1' }),
  '/gzip': text(zlib.gzipSync(rss(item(1))), { 'content-encoding': 'gzip' }),
  '/gzip-bomb': text(zlib.gzipSync(Buffer.alloc(50_000_000)), { 'content-encoding': 'gzip' }),
  '/large': (response) => {
    response.writeHead(200);
    const more = (): void => void response.write(Buffer.alloc(65_536, 'x'), (error) => (error ? undefined : more()));
    more();
  },
  '/page': text('<html><body>Hello</body></html>'),
  '/bomb': text(bomb),
  '/missing': (response) => void response.writeHead(404).end(),
  '/moved': moved('/rss'),
  '/loop': moved('/loop'),
  '/inside': moved('http://internal.example/rss'),
  '/file': moved('file:///etc/passwd'),
  '/host': (response, request) => text(rss(`<item><title>${request.headers.host}</title></item>`))(response, request),
};

let plain: http.Server;
let secure: https.Server;
let certificate = '';
let folder = '';

const serve: Answer = (response, request) => (pages[request.url ?? ''] ?? pages['/missing'])?.(response, request);
const portOf = (server: net.Server): number => (server.address() as net.AddressInfo).port;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'kosmos-feeds-'));
  const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
  const subject = ['-subj', '/CN=blog.example', '-addext', 'subjectAltName=DNS:blog.example', '-days', '2'];
  await promisify(execFile)('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, ...subject]);
  certificate = await readFile(cert, 'utf8');
  plain = http.createServer((request, response) => serve(response, request));
  secure = https.createServer({ key: await readFile(key), cert: certificate }, (request, response) => serve(response, request));
  await Promise.all([plain, secure].map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))));
});
afterAll(async () => {
  plain.closeAllConnections();
  secure.closeAllConnections();
  await Promise.all([plain, secure].map((server) => new Promise((resolve) => server.close(resolve))));
  await rm(folder, { recursive: true, force: true });
});

/** Fetches as the gateway does: every name leads to our servers, but for those that the guard refuses. */
async function fetches(address: string, parameters?: Record<string, unknown>, ca: string = certificate): Promise<ActivityObject> {
  const closing = new AbortController();
  const session = createFeeds(ca === '' ? {} : { ca }).open({
    account: 'alice',
    actor: { type: 'feed', id: address },
    credentials: {},
    isTeamServer: false,
    progress: {},
    closing: closing.signal,
    logger: pino({ level: 'silent' }),
    mintToken: () => Promise.reject(new Error('not here')),
    resolve: (host, port) => {
      if (host.startsWith('internal') || host === '127.0.0.1') {
        return Promise.reject(new KosmosError('KOSMOS_ERR_HOST_REFUSED', { host, reason: 'it is private' }));
      }
      return Promise.resolve({ host: '127.0.0.1', port: portOf(port === 443 ? secure : plain) });
    },
    push: () => undefined,
    report: () => undefined,
  });
  const request: Activity = {
    type: 'fetch',
    actor: { type: 'feed', id: address },
    ...(parameters === undefined ? {} : { object: { type: 'parameters', ...parameters } }),
  };
  const answer = await session.handle(request);
  return answer?.object as ActivityObject;
}

const titles = ({ items }: ActivityObject): unknown[] => (items as Activity[]).map(({ object }) => object?.['title']);
const first = ({ items }: ActivityObject): Activity => (items as Activity[])[0] as Activity;

describe('a feed', () => {
  test('in RSS is answered with its newest ten posts', async () => {
    const answer = await fetches('http://blog.example/rss');
    expect(answer).toMatchObject({ type: 'collection', summary: 'Best & Feed', totalItems: 10, complete: false });
    expect(first(answer)).toMatchObject({
      type: 'post',
      actor: { type: 'feed', id: 'http://blog.example/rss', name: 'Best & Feed', link: 'http://blog.example/', language: 'en' },
      object: { type: 'feedEntry', id: 'g1', title: 'Article 1', url: 'http://blog.example/1', brief: 'Brief 1', contentType: 'html' },
      published: '2026-11-01T10:00:00.000Z',
    });
  });

  test('can be asked for what is newer, older or above an article', async () => {
    expect(titles(await fetches('http://blog.example/rss', { after: '2026-11-10T00:00:00Z' }))).toEqual([
      'Article 10',
      'Article 11',
      'Article 12',
    ]);
    expect(titles(await fetches('http://blog.example/rss', { before: '2026-11-02T11:00:00Z' }))).toEqual(['Article 1', 'Article 2']);
    expect(titles(await fetches('http://blog.example/rss', { property: 'link', after: 'http://blog.example/3' }))).toEqual([
      'Article 1',
      'Article 2',
    ]);
    expect(titles(await fetches('http://blog.example/rss', { limit: 1 }))).toEqual(['Article 1']);
  });

  test('in Atom and JSON is read too, and a link that is none is left out', async () => {
    expect(first(await fetches('http://blog.example/atom'))).toMatchObject({
      actor: { name: 'Atoms', author: 'Ann' },
      object: {
        title: 'E',
        content: '<b>bold</b>',
        tags: ['t'],
        media: [{ url: 'http://x.example/e.mp3', type: 'audio/mpeg', length: 3 }],
      },
    });
    const post = first(await fetches('http://blog.example/json'));
    expect(post.object).toMatchObject({ id: '1', title: 'one', content: 'plain', contentType: 'text' });
    expect(post.object).not.toHaveProperty('url');
  });

  test('may be packed, moved, encrypted and in another encoding', async () => {
    expect(titles(await fetches('http://blog.example/gzip'))).toEqual(['Article 1']);
    expect(titles(await fetches('http://blog.example/moved', { limit: 1 }))).toEqual(['Article 1']);
    expect(titles(await fetches('http://blog.example/latin1'))).toEqual(['Grüße']);
    expect(titles(await fetches('https://blog.example/host'))).toEqual(['blog.example']);
    expect(titles(await fetches('http://other.example:8080/host'))).toEqual(['other.example:8080']);
  });
});

describe('what is no feed, or more than that', () => {
  test.each([
    ['an inner address', 'http://127.0.0.1/rss', 'KOSMOS_ERR_HOST_REFUSED'],
    ['a redirect to an inner address', 'http://blog.example/inside', 'KOSMOS_ERR_HOST_REFUSED'],
    ['a redirect to a file', 'http://blog.example/file', 'KOSMOS_ERR_FEED_ADDRESS'],
    ['a file', 'file:///etc/passwd', 'KOSMOS_ERR_FEED_ADDRESS'],
    ['an address with a password', 'http://a:b@blog.example/rss', 'KOSMOS_ERR_FEED_ADDRESS'],
    ['nothing', '', 'KOSMOS_ERR_FEED_ADDRESS'],
    ['redirects without end', 'http://blog.example/loop', 'KOSMOS_ERR_FEED_UNREACHABLE'],
    ['a body without end', 'http://blog.example/large', 'KOSMOS_ERR_FEED_UNREACHABLE'],
    ['a small body that unpacks to a large one', 'http://blog.example/gzip-bomb', 'KOSMOS_ERR_FEED_UNREACHABLE'],
    ['a missing page', 'http://blog.example/nothing-here', 'KOSMOS_ERR_FEED_UNREACHABLE'],
    ['a certificate of another host', 'https://other.example/rss', 'KOSMOS_ERR_FEED_UNREACHABLE'],
    ['a page', 'http://blog.example/page', 'KOSMOS_ERR_FEED_UNREADABLE'],
  ])('%s is refused', async (_, address, code) => {
    await expect(fetches(address)).rejects.toMatchObject({ code });
  });

  test('an entity bomb does not go off', async () => {
    const answer = await fetches('http://blog.example/bomb').catch((error: unknown) => error);
    expect(JSON.stringify(answer)).not.toContain('aaaaaaaaaa');
  });

  test('a certificate that nobody vouches for is refused', async () => {
    await expect(fetches('https://blog.example/rss', undefined, '')).rejects.toMatchObject({ code: 'KOSMOS_ERR_FEED_UNREACHABLE' });
  });
});
