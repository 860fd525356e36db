import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTestApp, type TestApp } from '../../app.test-support.ts';

let house: TestApp;
let ada: string;
let bob: string;
beforeEach(async () => {
  house = await openTestApp();
  ada = await house.setUp();
  bob = await house.join(ada, 'orbit', 'bob');
});
afterEach(() => house.close());

const names = async (as: string): Promise<string[]> => {
  const { channels } = (await house.ask('GET', '/api/teams/orbit/channels', undefined, as)).json<{ channels: { name: string }[] }>();
  return channels.map(({ name }) => name);
};

test('members make channels; names are one spelling', async () => {
  const made = await house.ask('POST', '/api/teams/orbit/channels', { name: '#Launch', topic: 'T minus ten' }, bob);
  expect(made.json()).toMatchObject({ name: 'launch', topic: 'T minus ten', private: false, address: 'launch', open: true });
  const again = await house.ask('POST', '/api/teams/orbit/channels', { name: 'LAUNCH' }, ada);
  expect([again.statusCode, again.json().code]).toEqual([409, 'KOSMOS_ERR_CHANNEL_EXISTS']);
  expect(await names(bob)).toEqual(['general', 'launch']);
});

test('a private channel is seen by who is in it, and by admins', async () => {
  await house.ask('POST', '/api/teams/orbit/channels', { name: 'secret', private: true }, bob);
  const carol = await house.join(ada, 'orbit', 'carol');
  expect(await names(bob)).toContain('secret');
  expect(await names(ada)).toContain('secret');
  expect(await names(carol)).not.toContain('secret');
  expect((await house.ask('GET', '/api/teams/orbit/channels/secret/members', undefined, carol)).statusCode).toBe(404);
  expect((await house.ask('PUT', '/api/teams/orbit/channels/secret/members/carol', undefined, carol)).statusCode).toBe(404);

  expect((await house.ask('PUT', '/api/teams/orbit/channels/secret/members/carol', undefined, bob)).statusCode).toBe(204);
  expect(await names(carol)).toContain('secret');
  const { members } = (await house.ask('GET', '/api/teams/orbit/channels/secret/members', undefined, carol)).json<{ members: object[] }>();
  expect(members).toEqual([
    { name: 'bob', role: 'member' },
    { name: 'carol', role: 'member' },
  ]);
  expect((await house.ask('DELETE', '/api/teams/orbit/channels/secret/members/carol', undefined, carol)).statusCode).toBe(204);
  expect(await names(carol)).not.toContain('secret');
});

test('guests see what was opened to them and make nothing', async () => {
  const guest = await house.join(ada, 'orbit', 'gus', 'guest');
  expect(await names(guest)).toEqual([]);
  expect((await house.ask('POST', '/api/teams/orbit/channels', { name: 'mine' }, guest)).statusCode).toBe(403);
  await house.ask('PUT', '/api/teams/orbit/channels/general/members/gus', undefined, bob);
  expect(await names(guest)).toEqual(['general']);
});

test('a renamed channel keeps its address; removing is for admins', async () => {
  const change = await house.ask('PATCH', '/api/teams/orbit/channels/general', { name: 'lobby', topic: 'hi' }, bob);
  expect(change.json()).toMatchObject({ name: 'lobby', topic: 'hi', address: 'general' });
  expect((await house.ask('DELETE', '/api/teams/orbit/channels/lobby', undefined, bob)).statusCode).toBe(403);
  expect((await house.ask('DELETE', '/api/teams/orbit/channels/lobby', undefined, ada)).statusCode).toBe(204);
  expect(await names(ada)).toEqual([]);
});

test('two teams on one server have channels of the same name at different addresses', async () => {
  await house.ask('POST', '/api/teams', { name: 'Comet', home: 'xmpp' }, ada);
  const second = await house.ask('POST', '/api/teams/comet/channels', { name: 'general' }, ada);
  expect(second.json()).toMatchObject({ name: 'general', address: 'comet.general' });
});
