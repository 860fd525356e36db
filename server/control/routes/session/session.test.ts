import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTestApp, PASSWORD, type TestApp } from '../../app.test-support.ts';

let house: TestApp;
let ada: string;
beforeEach(async () => {
  house = await openTestApp();
  ada = await house.setUp();
});
afterEach(() => house.close());

async function cookieOf(name: string): Promise<string> {
  const answer = await house.ask('POST', '/api/session', { name, password: PASSWORD });
  expect(answer.statusCode).toBe(201);
  expect(answer.json().token).toBeUndefined();
  return answer.cookies[0]?.value ?? '';
}

test('a browser logs in by cookie, sees itself and logs out', async () => {
  const kosmos_session = await cookieOf('ADA');
  const own = await house.app.inject({ url: '/api/session', cookies: { kosmos_session } });
  expect(own.json()).toMatchObject({ account: { name: 'ada' }, session: { kind: 'browser', current: true } });

  const out = await house.app.inject({ method: 'DELETE', url: '/api/session', cookies: { kosmos_session } });
  expect(out.statusCode).toBe(204);
  expect((await house.app.inject({ url: '/api/session', cookies: { kosmos_session } })).statusCode).toBe(401);
});

test('wrong name and wrong password are told apart by nobody', async () => {
  const wrongPassword = await house.ask('POST', '/api/session', { name: 'ada', password: 'not the password' });
  const wrongName = await house.ask('POST', '/api/session', { name: 'nobody-here', password: PASSWORD });
  expect(wrongPassword.statusCode).toBe(401);
  expect(wrongName.json()).toEqual(wrongPassword.json());
});

test('too many failures are told to wait, the right password included', async () => {
  for (let count = 0; count < 10; count++) await house.ask('POST', '/api/session', { name: 'ada', password: 'not the password' });
  const limited = await house.ask('POST', '/api/session', { name: 'ada', password: PASSWORD });
  expect([limited.statusCode, limited.json().code]).toEqual([429, 'KOSMOS_ERR_LOGIN_LIMITED']);
  expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0);
});

test('a request that changes something from another site is refused, cookie or not', async () => {
  const kosmos_session = await cookieOf('ada');
  for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }, { origin: 'null' }]) {
    const answer = await house.app.inject({ method: 'DELETE', url: '/api/session', cookies: { kosmos_session }, headers });
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'KOSMOS_ERR_CROSS_ORIGIN']);
  }
  const headers = { origin: 'http://localhost:8080', host: 'localhost:8080' };
  const own = await house.app.inject({ method: 'DELETE', url: '/api/session', cookies: { kosmos_session }, headers });
  expect(own.statusCode).toBe(204);
});

test('other sessions are listed and can be ended; nobody ends somebody else’s', async () => {
  const bob = await house.join(ada, 'orbit', 'bob');
  const cookie = await cookieOf('ada');
  const { sessions } = (await house.ask('GET', '/api/sessions', undefined, ada)).json<{ sessions: { id: string; current: boolean }[] }>();
  expect(sessions.filter(({ current }) => current)).toHaveLength(1);
  const browser = sessions.find(({ current }) => !current)?.id ?? '';

  expect((await house.ask('DELETE', `/api/sessions/${browser}`, undefined, bob)).statusCode).toBe(404);
  expect((await house.ask('DELETE', `/api/sessions/${sessions[0]?.id}`, undefined, ada)).statusCode).toBe(204);
  expect((await house.app.inject({ url: '/api/session', cookies: { kosmos_session: cookie } })).statusCode).toBe(401);
});

test('a new password ends every other session and is the only one that works', async () => {
  const other = await cookieOf('ada');
  const newPassword = 'another good horse';
  const wrong = await house.ask('POST', '/api/account/password', { password: 'guess guess', newPassword }, ada);
  expect(wrong.statusCode).toBe(401);
  expect((await house.ask('POST', '/api/account/password', { password: PASSWORD, newPassword }, ada)).statusCode).toBe(204);

  expect((await house.ask('GET', '/api/session', undefined, ada)).statusCode).toBe(200);
  expect((await house.app.inject({ url: '/api/session', cookies: { kosmos_session: other } })).statusCode).toBe(401);
  expect((await house.ask('POST', '/api/session', { name: 'ada', password: PASSWORD })).statusCode).toBe(401);
  expect((await house.ask('POST', '/api/session', { name: 'ada', password: newPassword })).statusCode).toBe(201);
});

test('tokens are stored hashed only', async () => {
  const rows = await house.services.database.selectFrom('sessions').selectAll().execute();
  expect(rows.length).toBeGreaterThan(0);
  expect(JSON.stringify(rows)).not.toContain(ada);
});
