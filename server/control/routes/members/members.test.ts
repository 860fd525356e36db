import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTestApp, PASSWORD, type TestApp } from '../../app.test-support.ts';

let house: TestApp;
let ada: string;
let bob: string;
/** ada runs the appliance and owns Orbit and Comet; bob is admin of Orbit; mia a member there. */
beforeEach(async () => {
  house = await openTestApp();
  ada = await house.setUp();
  bob = await house.join(ada, 'orbit', 'bob', 'admin');
  await house.join(ada, 'orbit', 'mia');
  await house.ask('POST', '/api/teams', { name: 'Comet' }, ada);
});
afterEach(() => house.close());

const patch = (name: string, body: object, as: string) => house.ask('PATCH', `/api/teams/orbit/members/${name}`, body, as);
const logsIn = async (name: string, password: string): Promise<boolean> =>
  (await house.ask('POST', '/api/session', { name, password })).statusCode === 201;

it('lets a team’s admin set the password of who is in that team alone', async () => {
  expect((await patch('mia', { password: 'given by the admin' }, bob)).statusCode).toBe(200);
  expect([await logsIn('mia', PASSWORD), await logsIn('mia', 'given by the admin')]).toEqual([false, true]);
});

it('does not let a team’s admin take over an account that opens other teams', async () => {
  const invite = await house.ask('POST', '/api/teams/comet/invites', {}, ada);
  const mia = (await house.ask('POST', '/api/session', { name: 'mia', password: PASSWORD, kind: 'program' })).json<{ token: string }>();
  await house.ask('POST', `/api/invites/${invite.json<{ token: string }>().token}/accept`, {}, mia.token);
  expect((await patch('mia', { password: 'given by the admin' }, bob)).json()).toMatchObject({ code: 'KOSMOS_ERR_FORBIDDEN' });
  expect(await logsIn('mia', PASSWORD)).toBe(true);
  expect((await patch('mia', { password: 'given by the admin' }, ada)).statusCode).toBe(200);
});

it('does not let a team’s admin take over the appliance’s, in whatever role they are there', async () => {
  await house.join(ada, 'orbit', 'olga', 'admin');
  await patch('olga', { role: 'owner' }, ada);
  await patch('ada', { role: 'member' }, ada);
  expect((await patch('ada', { password: 'given by the admin' }, bob)).json()).toMatchObject({ code: 'KOSMOS_ERR_FORBIDDEN' });
  expect(await logsIn('ada', PASSWORD)).toBe(true);
});

it('asks for the old password where it is one’s own', async () => {
  for (const [name, token] of [
    ['ada', ada],
    ['bob', bob],
  ] as const) {
    expect((await patch(name, { password: 'a new password' }, token)).statusCode).toBe(403);
    expect(await logsIn(name, PASSWORD)).toBe(true);
  }
});

it('lets nobody lock themselves out', async () => {
  expect((await patch('ada', { disabled: true }, ada)).json()).toMatchObject({ code: 'KOSMOS_ERR_FORBIDDEN' });
  expect(await logsIn('ada', PASSWORD)).toBe(true);
});

it('changes all that was asked for or nothing', async () => {
  expect((await patch('mia', { role: 'guest', disabled: true }, bob)).statusCode).toBe(403);
  expect((await patch('mia', { role: 'guest', password: 'short' }, ada)).statusCode).toBe(400);
  expect((await house.ask('GET', '/api/teams/orbit/members', undefined, ada)).json()).toMatchObject({
    members: [{ name: 'ada' }, { name: 'bob' }, { name: 'mia', role: 'member', disabled: false }],
  });
});
