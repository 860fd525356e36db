import { afterEach, beforeEach, expect, it } from 'vitest';
import { totpCode } from '../../../identity/totp.ts';
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

interface Act {
  actor: string | null;
  action: string;
  team: string | null;
  target: string | null;
  details: object;
}
const audit = async (query: string, as = ada): Promise<Act[]> => {
  const answer = await house.ask('GET', `/api/admin/audit?${query}`, undefined, as);
  expect(answer.statusCode).toBe(200);
  return answer.json<{ acts: Act[] }>().acts;
};
const actions = async (query = '', as = ada): Promise<string[]> => (await audit(query, as)).map(({ action }) => action);

it('has a line for set-up, and for whoever joined by which invite', async () => {
  expect(await actions('order=asc')).toEqual([
    ...['setup.complete', 'invite.create', 'member.join', 'invite.create', 'member.join', 'team.create'],
  ]);
  expect(await audit('action=member.join&target=bob')).toMatchObject([{ actor: 'bob', team: 'orbit', details: { role: 'admin' } }]);
});

it('writes a line for each change, with who, what, to whom and from where', async () => {
  await house.ask('PATCH', '/api/teams/orbit/members/mia', { role: 'guest' }, bob);
  await house.ask('POST', '/api/teams/orbit/channels', { name: 'plans', private: true }, bob);
  await house.ask('PUT', '/api/teams/orbit/channels/plans/members/mia', undefined, bob);
  await house.ask('PATCH', '/api/teams/orbit/channels/plans', { archived: true }, bob);
  await house.ask('PATCH', '/api/teams/orbit', { accent: '#aa3300' }, bob);
  await house.ask('DELETE', '/api/teams/orbit/members/mia', undefined, bob);
  const acts = await audit('actor=bob&order=asc&from=2020-01-01');
  expect(acts.map(({ action, target }) => `${action} ${target}`)).toEqual([
    ...['member.join bob', 'member.role mia', 'channel.create plans', 'channel.member-add mia', 'channel.archive plans'],
    ...['team.change Orbit', 'member.remove mia'],
  ]);
  expect(acts[1]).toMatchObject({ via: 'program', address: '127.0.0.1', details: { from: 'member', to: 'guest' } });
});

it('writes nothing for a change that was refused', async () => {
  const before = await actions();
  expect((await house.ask('POST', '/api/teams/orbit/channels', { name: 'no good' }, bob)).statusCode).toBe(400);
  expect((await house.ask('PATCH', '/api/teams/orbit/members/ada', { role: 'member' }, ada)).statusCode).toBe(409);
  expect(await actions()).toEqual(before);
});

it('never has a password in it', async () => {
  await house.ask('PATCH', '/api/teams/orbit/members/mia', { password: 'given by the admin' }, bob);
  expect(await audit('action=member.password')).toMatchObject([{ target: 'mia', details: {} }]);
  expect((await house.ask('GET', '/api/admin/audit/export', undefined, ada)).body).not.toContain('given by');
});

it('shows a team’s admins their team, and nobody else anything', async () => {
  expect(await actions('team=orbit', bob)).toContain('member.join');
  expect(await actions('team=orbit', bob)).not.toContain('team.create');
  expect((await house.ask('GET', '/api/admin/audit', undefined, bob)).statusCode).toBe(403);
  expect((await house.ask('GET', '/api/admin/audit?team=comet', undefined, bob)).statusCode).toBe(404);
  const mia = await house.join(ada, 'orbit', 'eve');
  expect((await house.ask('GET', '/api/admin/audit?team=orbit', undefined, mia)).statusCode).toBe(403);
  expect((await house.ask('GET', '/api/admin/audit/export?team=orbit', undefined, mia)).statusCode).toBe(403);
});

it('is filtered and paged here, not in the browser', async () => {
  expect(await actions('action=invite.')).toEqual(['invite.create', 'invite.create']);
  expect(await actions('search=MI')).toEqual(['member.join']);
  expect(await actions('search=%25')).toEqual([]);
  expect(await actions('to=2020-01-01')).toEqual([]);
  const page = (await house.ask('GET', '/api/admin/audit?limit=2&offset=1', undefined, ada)).json<{ acts: Act[]; total: number }>();
  expect([page.acts.length, page.total]).toEqual([2, 6]);
});

it('is exported as JSON lines and as CSV that no spreadsheet runs', async () => {
  await house.ask('PATCH', '/api/teams/comet', { name: '=HYPERLINK("x")' }, ada);
  await house.ask('PATCH', '/api/teams/comet', { name: 'Comet, the second' }, ada);
  const lines = (await house.ask('GET', '/api/admin/audit/export?format=jsonl', undefined, ada)).body.trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as Act).action).slice(-2)).toEqual(['team.change', 'team.change']);
  const csv = await house.ask('GET', '/api/admin/audit/export?format=csv', undefined, ada);
  expect(csv.headers['content-disposition']).toContain('.csv');
  expect(csv.body).toContain(`"'=HYPERLINK(""x"")"`);
});

it('outlives what it tells of', async () => {
  expect((await house.ask('DELETE', '/api/teams/comet?confirm=orbit', undefined, ada)).json()).toMatchObject({
    code: 'KOSMOS_ERR_TEAM_CONFIRM',
  });
  expect((await house.ask('DELETE', '/api/teams/comet?confirm=comet', undefined, ada)).statusCode).toBe(204);
  expect((await house.ask('GET', '/api/teams/comet', undefined, ada)).statusCode).toBe(404);
  expect(await audit('action=team.remove')).toMatchObject([{ actor: 'ada', team: 'comet', target: 'Comet' }]);
});

it('has a line for the export of a channel, and for the password of IRC, XMPP and storage programs', async () => {
  await house.ask('GET', '/api/teams/orbit/channels/general/export', undefined, bob);
  expect(await audit('action=channel.export')).toMatchObject([{ actor: 'bob', team: 'orbit', target: 'general' }]);
  const owned = { password: PASSWORD };
  const begun = await house.ask('POST', '/api/account/second-factors/totp', owned, bob);
  const { id, secret } = begun.json<{ id: string; secret: string }>();
  const code = totpCode(secret, Math.floor(Date.now() / 30_000));
  await house.ask('POST', `/api/account/second-factors/totp/${id}/confirm`, { code }, bob);
  const made = await house.ask('POST', '/api/account/client-password', owned, bob);
  await house.ask('DELETE', '/api/account/client-password', owned, bob);
  const acts = await audit('action=factor.&order=asc');
  expect(acts.map(({ action }) => action)).toEqual(['factor.add', 'factor.client-password', 'factor.client-password-remove']);
  expect(JSON.stringify(acts)).not.toContain(made.json<{ password: string }>().password);
});
