import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTestApp, PASSWORD, type TestApp } from '../../app.test-support.ts';

let house: TestApp;
let ada: string;
beforeEach(async () => {
  house = await openTestApp();
  ada = await house.setUp();
});
afterEach(() => house.close());

test('an admin of the appliance makes teams; members see their own', async () => {
  const made = await house.ask('POST', '/api/teams', { name: 'Café Zürich', home: 'irc' }, ada);
  expect(made.json()).toMatchObject({ slug: 'cafe-zurich', home: 'irc', role: 'owner' });
  const bob = await house.join(ada, 'orbit', 'bob');

  const all = (await house.ask('GET', '/api/teams', undefined, ada)).json<{ teams: { slug: string }[] }>();
  expect(all.teams.map(({ slug }) => slug)).toEqual(['orbit', 'cafe-zurich']);
  const his = (await house.ask('GET', '/api/teams', undefined, bob)).json<{ teams: { slug: string; role: string }[] }>();
  expect(his.teams.map(({ slug, role }) => [slug, role])).toEqual([['orbit', 'member']]);
  expect((await house.ask('POST', '/api/teams', { name: 'Mine' }, bob)).json().code).toBe('KOSMOS_ERR_FORBIDDEN');
});

test('a team is renamed by its admins and keeps its address', async () => {
  const bob = await house.join(ada, 'orbit', 'bob');
  expect((await house.ask('PATCH', '/api/teams/orbit', { name: 'Comet' }, bob)).statusCode).toBe(403);
  expect((await house.ask('PATCH', '/api/teams/orbit', { name: 'Comet' }, ada)).json()).toMatchObject({ name: 'Comet', slug: 'orbit' });
});

test('outsiders hear of no team, whatever they ask', async () => {
  await house.ask('POST', '/api/teams', { name: 'Closed' }, ada);
  await house.ask('POST', '/api/teams/closed/channels', { name: 'plans' }, ada);
  const bob = await house.join(ada, 'orbit', 'bob');
  const tries = [
    ['GET', '/api/teams/closed'],
    ['PATCH', '/api/teams/closed', { name: 'Mine' }],
    ['GET', '/api/teams/closed/members'],
    ['PATCH', '/api/teams/closed/members/ada', { role: 'guest' }],
    ['DELETE', '/api/teams/closed/members/ada'],
    ['GET', '/api/teams/closed/channels'],
    ['POST', '/api/teams/closed/channels', { name: 'mine' }],
    ['PATCH', '/api/teams/closed/channels/plans', { topic: 'mine' }],
    ['DELETE', '/api/teams/closed/channels/plans'],
    ['GET', '/api/teams/closed/channels/plans/members'],
    ['PUT', '/api/teams/closed/channels/plans/members/bob'],
    ['DELETE', '/api/teams/closed/channels/plans/members/ada'],
    ['POST', '/api/teams/closed/invites', {}],
    ['GET', '/api/teams/closed/invites'],
    ['DELETE', '/api/teams/closed/invites/x'],
  ] as const;
  const before = await house.services.outbox.findLatest();
  for (const [method, url, body] of tries) {
    const answer = await house.ask(method, url, body, bob);
    expect([method, url, answer.statusCode, answer.json().code]).toEqual([method, url, 404, 'KOSMOS_ERR_TEAM_NOT_FOUND']);
    expect((await house.ask(method, url, body)).statusCode).toBe(401);
  }
  expect(await house.services.outbox.findLatest()).toBe(before);
});

test('roles: an admin may not touch an owner, and the last owner stays', async () => {
  const bob = await house.join(ada, 'orbit', 'bob', 'admin');
  const carol = await house.join(ada, 'orbit', 'carol');
  const patch = (name: string, body: object, as: string) => house.ask('PATCH', `/api/teams/orbit/members/${name}`, body, as);

  expect((await patch('carol', { role: 'guest' }, bob)).json()).toMatchObject({ name: 'carol', role: 'guest' });
  expect((await patch('carol', { role: 'owner' }, bob)).statusCode).toBe(403);
  expect((await patch('ada', { role: 'member' }, bob)).statusCode).toBe(403);
  expect((await patch('ada', { password: 'taken over by bob' }, bob)).statusCode).toBe(403);
  expect((await patch('bob', { role: 'member' }, carol)).statusCode).toBe(403);
  expect((await patch('ada', { role: 'member' }, ada)).json().code).toBe('KOSMOS_ERR_LAST_OWNER');
  expect((await house.ask('DELETE', '/api/teams/orbit/members/ada', undefined, ada)).json().code).toBe('KOSMOS_ERR_LAST_OWNER');
  expect((await house.ask('DELETE', '/api/teams/orbit/members/ada', undefined, bob)).statusCode).toBe(403);
  expect((await house.ask('DELETE', '/api/teams/orbit/members/carol', undefined, carol)).statusCode).toBe(204);
  expect((await house.ask('GET', '/api/teams/orbit', undefined, carol)).statusCode).toBe(404);
});

test('a disabled account is out at once and can come back', async () => {
  const bob = await house.join(ada, 'orbit', 'bob');
  const disable = (disabled: boolean) => house.ask('PATCH', '/api/teams/orbit/members/bob', { disabled }, ada);
  expect((await disable(true)).json()).toMatchObject({ disabled: true });
  expect((await house.ask('GET', '/api/session', undefined, bob)).statusCode).toBe(401);
  const refused = await house.ask('POST', '/api/session', { name: 'bob', password: PASSWORD });
  expect([refused.statusCode, refused.json().code]).toEqual([403, 'KOSMOS_ERR_ACCOUNT_DISABLED']);
  const guess = await house.ask('POST', '/api/session', { name: 'bob', password: 'guess guess' });
  expect(guess.json().code).toBe('KOSMOS_ERR_CREDENTIALS');
  await disable(false);
  expect((await house.ask('POST', '/api/session', { name: 'bob', password: PASSWORD })).statusCode).toBe(201);
});

test('an admin’s reset replaces the password', async () => {
  await house.join(ada, 'orbit', 'bob');
  expect((await house.ask('PATCH', '/api/teams/orbit/members/bob', { password: 'given by the admin' }, ada)).statusCode).toBe(200);
  expect((await house.ask('POST', '/api/session', { name: 'bob', password: PASSWORD })).statusCode).toBe(401);
  expect((await house.ask('POST', '/api/session', { name: 'bob', password: 'given by the admin' })).statusCode).toBe(201);
});
