import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestApp, type TestApp } from './app.test-support.ts';

let house: TestApp;
let ada: string;

interface Operation {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  url: string;
}
let operations: Operation[];

beforeAll(async () => {
  house = await openTestApp();
  ada = await house.setUp();
  const { paths } = (await house.ask('GET', '/api/openapi.json')).json<{ paths: Record<string, Record<string, unknown>> }>();
  operations = Object.entries(paths).flatMap(([url, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase() as Operation['method'], url })),
  );
});
afterAll(() => house.close());

const parameters: Record<string, string> = { team: 'orbit', name: 'ada', channel: 'general', token: 'x', id: 'x', action: 'restart' };
const fill = (url: string, values = parameters): string => url.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? 'x');

const bodies: [string, unknown][] = [
  ['null', null],
  ['a number', 42],
  ['a string', 'text'],
  ['a list', [1, 2, 3]],
  ['an unknown field', { surprise: true }],
  ['__proto__', JSON.parse('{"__proto__": {"isAdmin": true}}')],
  ['constructor', { constructor: { prototype: {} } }],
  ['wrong types', { name: 7, password: [], topic: {}, private: 'yes', role: 1, uses: 'many', token: false, team: 'x', owner: [] }],
  ['out of range', { role: 'emperor', uses: -1, expiresInHours: 1e12, home: 'telegram', topic: 'x'.repeat(10_000) }],
  ['control characters', { name: '\u0000\r\nQUIT', password: '\u0000'.repeat(12), displayName: '\u0000' }],
];

test('the API is described', () => {
  expect(operations.length).toBeGreaterThan(25);
});

test('no route answers bad bodies with 500, and nothing changes', { timeout: 60_000 }, async () => {
  const before = await house.services.outbox.findLatest();
  for (const { method, url } of operations.filter(({ method }) => ['POST', 'PATCH', 'PUT'].includes(method))) {
    for (const [kind, body] of bodies) {
      const answer = await house.app.inject({
        ...{ method, url: fill(url), payload: JSON.stringify(body) },
        headers: { authorization: `Bearer ${ada}`, 'content-type': 'application/json' },
      });
      const takesNoBody = method === 'PUT' || url.includes('components') || ['/api/storage/token', '/api/backups'].includes(url);
      const told = answer.statusCode === 204 ? { code: 'KOSMOS_ERR_none' } : answer.json<{ code: string }>();
      expect([method, url, kind, answer.statusCode >= 500]).toEqual([method, url, kind, false]);
      if (!takesNoBody) expect([method, url, kind, told.code]).toEqual([method, url, kind, expect.stringMatching(/^KOSMOS_ERR_/)]);
    }
  }
  const since = await house.services.outbox.findAfter(before);
  // Opening a public channel to somebody (PUT without a body) is the one valid request among them.
  expect(since.map(({ type }) => type).filter((type) => !['channel-member-added', 'act-recorded'].includes(type))).toEqual([]);
});

test('what is no JSON, too large or of another type has a code of its own', async () => {
  const send = (payload: string, type = 'application/json') =>
    house.app.inject({ method: 'POST', url: '/api/session', payload, headers: { 'content-type': type } });
  expect((await send('{"name": ')).json()).toMatchObject({ code: 'KOSMOS_ERR_BAD_REQUEST' });
  expect((await send('')).json()).toMatchObject({ code: 'KOSMOS_ERR_BAD_REQUEST' });
  const large = await send(JSON.stringify({ name: 'x'.repeat(100_000) }));
  expect([large.statusCode, large.json().code]).toEqual([413, 'KOSMOS_ERR_TOO_LARGE']);
  const other = await send('name=ada', 'application/x-www-form-urlencoded');
  expect([other.statusCode, other.json().code]).toEqual([415, 'KOSMOS_ERR_MEDIA_TYPE']);
});

test('strange addresses are not found, never a failure', async () => {
  const strange = ['%00', '..%2f..%2fetc', '%ff', 'a'.repeat(3_000), '%F0%9F%92%A9', "'%20or%201=1--", '__proto__'];
  for (const { method, url } of operations) {
    for (const text of strange) {
      const values = Object.fromEntries(Object.keys(parameters).map((name) => [name, text]));
      const answer = await house.ask(method, fill(url, values), undefined, ada);
      if (!url.includes('{')) continue;
      expect([method, url, text.slice(0, 20), answer.statusCode >= 400 && answer.statusCode < 500]).toEqual([
        method,
        url,
        text.slice(0, 20),
        true,
      ]);
      expect(answer.json()).toMatchObject({ code: expect.stringMatching(/^KOSMOS_ERR_/), message: expect.any(String) });
    }
  }
});

test('queries are checked as bodies are', async () => {
  for (const query of ['lines=many', 'lines=0', 'lines=1e9', 'lines[]=1', 'more=1']) {
    const answer = await house.ask('GET', `/api/admin/components/ergo/logs?${query}`, undefined, ada);
    expect([query, answer.statusCode, answer.json().code]).toEqual([query, 400, 'KOSMOS_ERR_VALIDATION']);
  }
});

test('every page carries the security headers', async () => {
  const { headers } = await house.ask('GET', '/api/health');
  expect(headers['content-security-policy']).toContain("script-src 'self'");
  expect(headers['content-security-policy']).not.toContain('unsafe');
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['cache-control']).toBe('no-store');
});

test('the internal API is not on the public port', async () => {
  const answer = await house.ask('GET', '/internal/accounts/ada/scram?hash=SHA-1');
  expect([answer.statusCode, answer.json().code]).toEqual([404, 'KOSMOS_ERR_NOT_FOUND']);
});
