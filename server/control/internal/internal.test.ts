import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadSecret } from '../../foundation/secrets.ts';
import { openTestApp, PASSWORD, type TestApp } from '../app.test-support.ts';

let house: TestApp;
let ada: string;
beforeEach(async () => {
  house = await openTestApp();
  ada = await house.setUp();
});
afterEach(() => house.close());

const secret = () => loadSecret(house.services.settings.dataFolder, 'internal');
const ask = (method: 'GET' | 'POST', url: string, body?: object, authorization = `Bearer ${secret()}`) =>
  house.internal.inject({ method, url, headers: { authorization }, ...(body ? { payload: body } : {}) });

test('nothing is told without the secret', async () => {
  for (const authorization of ['', 'Bearer ', `Bearer ${secret()}x`, `Bearer ${ada}`, secret()]) {
    for (const url of ['/internal/accounts/ada/scram?hash=SHA-1', '/internal/appliance', '/internal/events?after=0']) {
      const answer = await ask('GET', url, undefined, authorization);
      expect([answer.statusCode, answer.json().code]).toEqual([403, 'KOSMOS_ERR_INTERNAL_ONLY']);
    }
  }
});

test.each([
  ['SHA-1', 'sha1', 20],
  ['SHA-256', 'sha256', 32],
] as const)('the keys for SCRAM-%s are those of the password (RFC 5802)', async (hash, node, bytes) => {
  const answer = await ask('GET', `/internal/accounts/ada/scram?hash=${hash}`);
  const keys = answer.json<{ salt: string; iterations: number; storedKey: string; serverKey: string }>();
  expect(keys.iterations).toBeGreaterThanOrEqual(10_000);
  const salted = pbkdf2Sync(PASSWORD, Buffer.from(keys.salt, 'base64'), keys.iterations, bytes, node);
  const clientKey = createHmac(node, salted).update('Client Key').digest();
  expect(keys.storedKey).toBe(createHash(node).update(clientKey).digest('base64'));
  expect(keys.serverKey).toBe(createHmac(node, salted).update('Server Key').digest('base64'));
});

test('passwords and tokens are checked at one door', async () => {
  const check = (name: string, password: string) => ask('POST', '/internal/credentials/check', { name, password, address: '203.0.113.7' });
  expect((await check('Ada', PASSWORD)).json()).toEqual({ name: 'ada' });
  expect((await check('ada', 'guess guess')).statusCode).toBe(401);

  const minted = await ask('POST', '/internal/tokens', { name: 'ada', audience: 'prosody' });
  const { token, expiresAt } = minted.json<{ token: string; expiresAt: string }>();
  expect(Date.parse(expiresAt) - Date.now()).toBeLessThanOrEqual(60_000);
  expect((await check('ada', token)).json()).toEqual({ name: 'ada' });
  expect((await check('kosmos', token)).statusCode).toBe(401);
  const forErgo = (await ask('POST', '/internal/tokens', { name: 'ada', audience: 'ergo' })).json<{ token: string }>();
  expect((await check('ada', forErgo.token)).statusCode).toBe(401);
  expect((await check('ada', `${token.slice(0, -4)}AAAA`)).statusCode).toBe(401);
});

test('a disabled account has no keys, no tokens, no session', async () => {
  const bob = await house.join(ada, 'orbit', 'bob');
  expect((await ask('POST', '/internal/sessions/check', { token: bob })).json()).toMatchObject({ account: { name: 'bob' } });
  const { token } = (await ask('POST', '/internal/tokens', { name: 'bob', audience: 'prosody' })).json<{ token: string }>();
  await house.ask('PATCH', '/api/teams/orbit/members/bob', { disabled: true }, ada);

  expect((await ask('GET', '/internal/accounts/bob/scram?hash=SHA-256')).statusCode).toBe(403);
  expect((await ask('POST', '/internal/tokens', { name: 'bob', audience: 'ergo' })).statusCode).toBe(403);
  expect((await ask('POST', '/internal/sessions/check', { token: bob })).statusCode).toBe(401);
  expect((await ask('POST', '/internal/credentials/check', { name: 'bob', password: token })).statusCode).toBe(403);
});

test('failed SCRAM log-ins count against the same limit', async () => {
  for (let count = 0; count < 10; count++) {
    expect((await ask('POST', '/internal/credentials/failed', { name: 'ada', address: '203.0.113.7' })).statusCode).toBe(204);
  }
  const limited = await ask('POST', '/internal/credentials/check', { name: 'ada', password: PASSWORD, address: '203.0.113.7' });
  expect([limited.statusCode, limited.json().code]).toEqual([429, 'KOSMOS_ERR_LOGIN_LIMITED']);
});

test('Ergo’s auth-script gets its line', async () => {
  const auth = (line: object) => ask('POST', '/internal/ergo/auth', line);
  expect((await auth({ accountName: 'ADA', passphrase: PASSWORD, ip: '203.0.113.7' })).json()).toEqual({
    success: true,
    accountName: 'ada',
  });
  expect((await auth({ accountName: 'ada', passphrase: 'guess guess' })).json()).toMatchObject({ success: false });
  expect((await auth({ accountName: 'ada', certfp: 'ab12' })).json()).toMatchObject({ success: false });
});

test('the event stream begins after the cursor and goes on with what is committed', async () => {
  await house.internal.ready();
  const server = http.createServer(house.internal.routing).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const stream = await fetch(`http://127.0.0.1:${port}/internal/events?after=0`, { headers: { authorization: `Bearer ${secret()}` } });
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const until = async (sign: string): Promise<void> => {
    while (!text.includes(sign)) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`the stream ended without ${sign}`);
      text += value;
    }
  };
  await until('"type":"channel-created"');
  await house.join(ada, 'orbit', 'bob');
  await until('"type":"member-added","team"');
  await until('"name":"bob"');
  const ids = [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
  expect(ids).toEqual([...ids].sort((a, b) => a - b));
  expect(new Set(ids).size).toBe(ids.length);
  await reader.cancel();
  server.close();
});
