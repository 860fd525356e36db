import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadSecret } from '../../../foundation/secrets.ts';
import { openTestApp, PASSWORD, type TestApp } from '../../app.test-support.ts';

let house: TestApp;
beforeEach(async () => void (house = await openTestApp()));
afterEach(() => house.close());

const token = () => loadSecret(house.services.settings.dataFolder, 'setup');
const wanted = () => ({ token: token(), team: { name: 'Orbit', home: 'irc' }, owner: { name: 'Ada', password: PASSWORD } });

test('set-up makes the owner, the team and its first channel, and logs in', async () => {
  expect((await house.ask('GET', `/api/setup?token=${token()}`)).json()).toEqual({ valid: true, done: false });

  const answer = await house.ask('POST', '/api/setup', { ...wanted(), domain: 'Chat.Example.org' });
  expect(answer.statusCode).toBe(201);
  expect(answer.json()).toMatchObject({ account: { name: 'ada', isAdmin: true }, teams: [{ slug: 'orbit', home: 'irc', role: 'owner' }] });
  const cookie = answer.cookies.find(({ name }) => name === 'kosmos_session');
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });

  const channels = await house.app.inject({ url: '/api/teams/orbit/channels', cookies: { kosmos_session: cookie?.value ?? '' } });
  expect(channels.json()).toMatchObject({ channels: [{ name: 'general', private: false, open: true }] });
  expect((await house.ask('GET', '/api/appliance')).json()).toMatchObject({ status: 'ready', domain: 'chat.example.org' });
});

test('the token is needed, and set-up happens once', async () => {
  const wrong = await house.ask('POST', '/api/setup', { ...wanted(), token: 'x'.repeat(43) });
  expect([wrong.statusCode, wrong.json().code]).toEqual([403, 'KOSMOS_ERR_SETUP_TOKEN']);
  expect((await house.ask('GET', '/api/setup?token=nonsense')).json()).toEqual({ valid: false, done: false });

  expect((await house.ask('POST', '/api/setup', wanted())).statusCode).toBe(201);
  const again = await house.ask('POST', '/api/setup', { ...wanted(), owner: { name: 'eve', password: PASSWORD } });
  expect([again.statusCode, again.json().code]).toEqual([409, 'KOSMOS_ERR_SETUP_DONE']);
});

test.each([
  ['a weak password', { owner: { name: 'ada', password: 'short' } }, 'KOSMOS_ERR_PASSWORD_WEAK'],
  ['a reserved name', { owner: { name: 'root', password: PASSWORD } }, 'KOSMOS_ERR_NAME_RESERVED'],
  ['a domain that is none', { domain: 'not a domain' }, 'KOSMOS_ERR_DOMAIN_INVALID'],
  ['a team name without a letter', { team: { name: '…' } }, 'KOSMOS_ERR_TEAM_NAME_INVALID'],
  ['a channel name with a space', { team: { name: 'Orbit', channels: ['general', 'no good'] } }, 'KOSMOS_ERR_CHANNEL_NAME_INVALID'],
  ['an unknown field', { colour: 'red' }, 'KOSMOS_ERR_VALIDATION'],
])('%s undoes all of it', async (_, change, code) => {
  const refused = await house.ask('POST', '/api/setup', { ...wanted(), ...change });
  expect([refused.statusCode, refused.json().code]).toEqual([400, code]);
  expect((await house.ask('GET', '/api/setup')).json()).toEqual({ valid: false, done: false });
  for (const table of ['accounts', 'teams', 'channels', 'settings', 'events'] as const) {
    expect(await house.services.database.selectFrom(table).selectAll().execute()).toEqual([]);
  }
});
