import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createGrant, findGrant } from '../../../identity/storage-grants.ts';
import { storeSetting } from '../../../database/settings.ts';
import { findAccount } from '../../../identity/accounts.ts';
import { findStorageElsewhere } from '../../../identity/storage-elsewhere.ts';
import { openTestApp, type TestApp } from '../../app.test-support.ts';

let house: TestApp;
let ada: string;
beforeEach(async () => {
  house = await openTestApp();
  ada = await house.setUp();
});
afterEach(() => house.close());

test('the web client gets a token of its own in one request; it ends with the session', async () => {
  const answer = await house.ask('POST', '/api/storage/token', undefined, ada);
  expect(answer.statusCode).toBe(201);
  const { address, href, token } = answer.json<{ address: string; href: string; token: string }>();
  expect([address, new URL(href).pathname]).toEqual(['ada@localhost', '/storage/ada']);
  expect(await findGrant(house.services.database, token)).toMatchObject({ account: { name: 'ada' } });
  await house.ask('DELETE', '/api/session', undefined, ada);
  expect(await findGrant(house.services.database, token)).toBeUndefined();
  expect((await house.ask('POST', '/api/storage/token', undefined, ada)).statusCode).toBe(401);
});

test('apps are listed and can be disconnected, by their owner alone', async () => {
  const bob = await house.join(ada, 'orbit', 'bob');
  const { database } = house.services;
  const account = (await findAccount(database, 'ada'))!;
  const { token, grant } = await createGrant(database, account, 'https://notes.example', [{ module: 'notes', level: 'rw' }]);
  const apps = async (as: string) => (await house.ask('GET', '/api/storage/apps', undefined, as)).json<{ apps: object[] }>().apps;
  expect(await apps(ada)).toMatchObject([{ id: grant.id, client: 'https://notes.example', scopes: 'notes:rw', usedAt: null }]);
  expect(await apps(bob)).toEqual([]);
  expect((await house.ask('DELETE', `/api/storage/apps/${grant.id}`, undefined, bob)).statusCode).toBe(404);
  expect((await house.ask('DELETE', `/api/storage/apps/${grant.id}`, undefined, ada)).statusCode).toBe(204);
  expect(await findGrant(database, token)).toBeUndefined();
});

interface Jrd {
  links: object[];
}

/** Another remoteStorage server, as far as WebFinger shows it. */
async function startElsewhere(answer: (origin: string) => Jrd | number) {
  const server = http.createServer((request, response) => {
    const origin = `http://${request.headers.host}`;
    const said = request.url?.startsWith('/.well-known/webfinger?resource=acct%3Aada%40') ? answer(origin) : 404;
    response.writeHead(typeof said === 'number' ? said : 200, { location: 'http://127.0.0.1:1/' });
    response.end(typeof said === 'number' ? '' : JSON.stringify(said));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { host, stop: () => new Promise((resolve) => server.close(resolve)) };
}

const RELATION = 'http://tools.ietf.org/id/draft-dejong-remotestorage';

test('an account may keep its documents elsewhere, and comes back', async () => {
  const there = await startElsewhere((origin) => ({
    links: [
      { rel: RELATION, href: `${origin}/storage/ada` },
      { rel: 'other', href: 'x' },
    ],
  }));
  await storeSetting(house.services.database, 'innerPlaces', [there.host]);
  const put = (address: string | null, as = ada) => house.ask('PUT', '/api/account/storage-address', { address }, as);
  expect((await house.ask('GET', '/api/account/storage-address', undefined, ada)).json()).toEqual({
    address: 'ada@localhost',
    elsewhere: false,
  });
  expect((await put(`ada@${there.host}`)).json()).toEqual({ address: `ada@${there.host}`, elsewhere: true });
  const account = (await findAccount(house.services.database, 'ada'))!;
  expect(await findStorageElsewhere(house.services.database, account)).toMatchObject({
    links: [{ rel: RELATION, href: `http://${there.host}/storage/ada` }],
  });
  const token = await house.ask('POST', '/api/storage/token', undefined, ada);
  expect([token.statusCode, token.json()]).toMatchObject([
    409,
    { code: 'KOSMOS_ERR_STORAGE_ELSEWHERE', details: { address: `ada@${there.host}` } },
  ]);
  expect((await put('bob@localhost')).json()).toMatchObject({ code: 'KOSMOS_ERR_STORAGE_ADDRESS' });
  expect((await put(null)).json()).toEqual({ address: 'ada@localhost', elsewhere: false });
  expect((await house.ask('POST', '/api/storage/token', undefined, ada)).statusCode).toBe(201);
  await there.stop();
});

test('a storage address that leads inside, nowhere or to no storage is refused with the reason', async () => {
  const there = await startElsewhere(() => ({ links: [{ rel: RELATION, href: 'http://192.168.0.1/storage/ada' }, { rel: RELATION }] }));
  const away = await startElsewhere(() => 302);
  const refusal = async (address: string): Promise<string> => {
    const answer = await house.ask('PUT', '/api/account/storage-address', { address }, ada);
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'KOSMOS_ERR_STORAGE_ADDRESS']);
    return answer.json<{ details: { reason: string } }>().details.reason;
  };
  expect(await refusal(`ada@${there.host}`)).toBe('127.0.0.1 has no public address');
  expect(await refusal('ada@localhost:1')).toBe('localhost has no public address');
  expect(await refusal('ada at example.org')).toBe('it has to look like name@example.org');
  await storeSetting(house.services.database, 'innerPlaces', [there.host, away.host]);
  expect(await refusal(`ada@${there.host}`)).toBe('its server knows no remoteStorage for that name');
  expect(await refusal(`ada@${away.host}`)).toBe('127.0.0.1 answered 302');
  await Promise.all([there.stop(), away.stop()]);
});
