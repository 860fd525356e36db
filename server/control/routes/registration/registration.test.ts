import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestApp, PASSWORD, type TestApp } from '../../app.test-support.ts';

let house: TestApp;
let ada: string;
let port: number;
const mails: string[] = [];
const server = new SMTPServer({
  ...{ authOptional: true, disabledCommands: ['STARTTLS', 'AUTH'], disableReverseLookup: true },
  onData: (stream, _, done) => {
    let text = '';
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    stream.on('end', () => done(null, String(mails.push(text))));
  },
});

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  ({ port } = server.server.address() as AddressInfo);
  house = await openTestApp();
  ada = await house.setUp();
}, 60_000);
afterAll(async () => {
  await house.close();
  await new Promise<void>((resolve) => server.close(resolve));
});

const settings = (body: object) => house.ask('PATCH', '/api/admin/settings', body, ada);
const register = (name: string, email?: string) =>
  house.ask('POST', '/api/register', { name, password: PASSWORD, ...(email ? { email } : {}) });
const smtp = () => ({ host: '127.0.0.1', port, security: 'none', from: 'chat@example.org' });

it('is closed until an admin opens it', async () => {
  expect((await house.ask('GET', '/api/registration')).json()).toEqual({ policy: 'invite', domains: [], team: null });
  expect((await register('eve')).json()).toMatchObject({ code: 'KOSMOS_ERR_REGISTRATION_CLOSED' });
});

it('open to all, makes a member of the team who is logged in', async () => {
  expect((await settings({ registration: { policy: 'open' } })).json()).toMatchObject({ code: 'KOSMOS_ERR_SETTING_INVALID' });
  expect((await settings({ registration: { policy: 'open', team: 'orbit' } })).statusCode).toBe(200);
  const answer = await register('bea');
  expect(answer.statusCode).toBe(201);
  expect(answer.json()).toMatchObject({ account: { name: 'bea', isAdmin: false }, teams: [{ slug: 'orbit', role: 'member' }] });
  expect(answer.cookies.map(({ name }) => name)).toContain('kosmos_session');
  expect((await register('bea')).json()).toMatchObject({ code: 'KOSMOS_ERR_NAME_TAKEN' });
});

it('open to a mail domain, takes whoever gets the mail, once', async () => {
  const domains = { policy: 'domains', domains: ['example.org'], team: 'orbit' };
  expect((await settings({ registration: domains })).json()).toMatchObject({ code: 'KOSMOS_ERR_SETTING_INVALID' });
  expect((await settings({ smtp: smtp() })).statusCode).toBe(200);
  expect((await settings({ registration: domains })).statusCode).toBe(200);
  expect((await register('carl', 'carl@elsewhere.org')).json()).toMatchObject({ code: 'KOSMOS_ERR_EMAIL_DOMAIN' });
  expect((await register('carl')).json()).toMatchObject({ code: 'KOSMOS_ERR_EMAIL_INVALID' });
  expect((await register('carl', 'carl@example.org')).json()).toEqual({ sent: true });
  const token = /\/register\/([\w-]{43})/.exec(mails.at(-1) ?? '')?.[1] ?? '';
  expect((await house.ask('POST', '/api/session', { name: 'carl', password: PASSWORD })).statusCode).toBe(401);
  expect((await house.ask('POST', `/api/register/${token}`)).json()).toMatchObject({ account: { name: 'carl' } });
  expect((await house.ask('POST', `/api/register/${token}`)).json()).toMatchObject({ code: 'KOSMOS_ERR_REGISTRATION_EXPIRED' });
  const { accounts } = (await house.ask('GET', '/api/admin/accounts?search=carl', undefined, ada)).json<{ accounts: object[] }>();
  expect(accounts).toMatchObject([{ name: 'carl', email: 'carl@example.org' }]);
});

it('keeps the mail password sealed, shows it nowhere, and sends it to no other server', async () => {
  const answer = await settings({ smtp: { ...smtp(), user: 'kosmos', password: 'very secret' } });
  expect(answer.json()).toMatchObject({ smtp: { user: 'kosmos', hasPassword: true } });
  expect((await settings({ smtp: { ...smtp(), user: 'kosmos' } })).json()).toMatchObject({ smtp: { hasPassword: true } });
  expect((await settings({ smtp: { ...smtp(), host: 'evil.example', user: 'kosmos' } })).json()).toMatchObject({
    smtp: { hasPassword: false },
  });
  const rows = JSON.stringify(await house.services.database.selectFrom('settings').selectAll().execute());
  const acts = (await house.ask('GET', '/api/admin/audit/export', undefined, ada)).body;
  expect([rows, acts, answer.body].join()).not.toContain('very secret');
});

it('ends log-ins after the days that an admin chose', async () => {
  await settings({ sessionDays: 1 });
  const answer = await house.ask('POST', '/api/session', { name: 'bea', password: PASSWORD });
  const { session } = answer.json<{ session: { createdAt: string; expiresAt: string } }>();
  expect(Date.parse(session.expiresAt) - Date.parse(session.createdAt)).toBe(24 * 3_600_000);
  expect(answer.cookies[0]?.maxAge).toBe(24 * 3_600);
});

it('with a second factor required, an admin without one can enrol and nothing else', async () => {
  expect((await settings({ secondFactorForAdmins: true })).json()).toMatchObject({ code: 'KOSMOS_ERR_SECOND_FACTOR_NONE' });
  await house.services.database.insertInto('settings').values({ key: 'secondFactorForAdmins', value: 'true' }).execute();
  expect((await house.ask('GET', '/api/teams', undefined, ada)).json()).toMatchObject({ code: 'KOSMOS_ERR_SECOND_FACTOR_REQUIRED' });
  expect((await house.ask('GET', '/api/session', undefined, ada)).json()).toMatchObject({ mustEnrol: true });
  expect((await house.ask('GET', '/api/account/second-factors', undefined, ada)).json()).toMatchObject({ required: true, factors: [] });
  const bea = (await house.ask('POST', '/api/session', { name: 'bea', password: PASSWORD, kind: 'program' })).json<{ token: string }>();
  expect((await house.ask('GET', '/api/teams', undefined, bea.token)).statusCode).toBe(200);
});
