import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTestApp, PASSWORD, type TestApp } from '../../app.test-support.ts';

let house: TestApp;
let ada: string;
beforeEach(async () => {
  house = await openTestApp();
  ada = await house.setUp();
});
afterEach(() => house.close());

interface Made {
  id: string;
  token: string;
  url: string;
}

async function invite(body: object = {}, team = 'orbit'): Promise<Made> {
  return (await house.ask('POST', `/api/teams/${team}/invites`, body, ada)).json<Made>();
}

const accept = (token: string, name: string, as?: string) =>
  house.ask('POST', `/api/invites/${token}/accept`, name === '' ? {} : { name, password: PASSWORD }, as);

test('an invite tells what it is for, and makes an account that is logged in', async () => {
  const { token, url } = await invite({ role: 'admin', expiresInHours: 2 });
  expect(new URL(url).pathname).toBe(`/invite/${token}`);
  expect((await house.ask('GET', `/api/invites/${token}`)).json()).toMatchObject({ team: { name: 'Orbit', home: 'xmpp' }, role: 'admin' });
  expect((await house.ask('GET', `/api/invites/${token}/names/Bob`)).json()).toEqual({ name: 'bob', available: true });

  const accepted = await accept(token, 'Bob');
  expect(accepted.json()).toMatchObject({ account: { name: 'bob', isAdmin: false }, teams: [{ slug: 'orbit', role: 'admin' }] });
  expect(accepted.cookies[0]).toMatchObject({ name: 'kosmos_session', httpOnly: true });
  expect((await accept(token, 'carol')).json().code).toBe('KOSMOS_ERR_INVITE_USED');
});

test('names that are taken, reserved or malformed are refused and use nothing up', async () => {
  const { token } = await invite();
  for (const [name, code] of [
    ['ada', 'KOSMOS_ERR_NAME_TAKEN'],
    ['nickserv', 'KOSMOS_ERR_NAME_RESERVED'],
    ['9lives', 'KOSMOS_ERR_NAME_INVALID'],
    ['bob@home', 'KOSMOS_ERR_NAME_INVALID'],
  ] as const) {
    expect((await accept(token, name)).json().code).toBe(code);
    expect((await house.ask('GET', `/api/invites/${token}/names/${name}`)).json()).toMatchObject({ available: false, code });
  }
  expect((await accept(token, 'bob')).statusCode).toBe(201);
});

test('somebody who has an account joins with it', async () => {
  await house.ask('POST', '/api/teams', { name: 'Comet', home: 'irc' }, ada);
  const bob = await house.join(ada, 'orbit', 'bob');
  const { token } = await invite({}, 'comet');
  expect((await accept(token, '')).json().code).toBe('KOSMOS_ERR_VALIDATION');
  const joined = await accept(token, '', bob);
  expect(joined.json().teams.map(({ slug }: { slug: string }) => slug)).toEqual(['orbit', 'comet']);
  const again = await invite({}, 'comet');
  expect((await accept(again.token, '', bob)).json().code).toBe('KOSMOS_ERR_MEMBER_EXISTS');
});

test('uses are counted even when two people take the last one at once', async () => {
  const { token } = await invite({ uses: 2 });
  const answers = await Promise.all(['bob', 'carol', 'dave', 'erin'].map((name) => accept(token, name)));
  expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([201, 201, 410, 410]);
});

test('expired and withdrawn invites say so; unknown ones do not exist', async () => {
  const short = await invite({ expiresInHours: 0.000_000_1 });
  expect((await accept(short.token, 'bob')).json().code).toBe('KOSMOS_ERR_INVITE_EXPIRED');
  const { id, token } = await invite();
  expect((await house.ask('DELETE', `/api/teams/orbit/invites/${id}`, undefined, ada)).statusCode).toBe(204);
  expect((await accept(token, 'bob')).json().code).toBe('KOSMOS_ERR_INVITE_REVOKED');
  expect((await accept('no-such-token', 'bob')).json().code).toBe('KOSMOS_ERR_INVITE_NOT_FOUND');
});

test('only admins invite, and no admin makes an owner', async () => {
  const bob = await house.join(ada, 'orbit', 'bob', 'admin');
  const carol = await house.join(ada, 'orbit', 'carol');
  expect((await house.ask('POST', '/api/teams/orbit/invites', {}, carol)).statusCode).toBe(403);
  expect((await house.ask('GET', '/api/teams/orbit/invites', undefined, carol)).statusCode).toBe(403);
  expect((await house.ask('POST', '/api/teams/orbit/invites', {}, bob)).statusCode).toBe(201);
  const { invites } = (await house.ask('GET', '/api/teams/orbit/invites', undefined, bob)).json<{ invites: object[] }>();
  // The set-up's own, and bob's.
  expect(invites).toHaveLength(2);
  expect(JSON.stringify(invites)).not.toContain('token');
});
