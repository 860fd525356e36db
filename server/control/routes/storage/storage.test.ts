import { afterEach, beforeEach, expect, test } from 'vitest';
import { createGrant, findGrant } from '../../../identity/storage-grants.ts';
import { findAccount } from '../../../identity/accounts.ts';
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
