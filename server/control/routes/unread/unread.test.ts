import { afterEach, beforeEach, expect, test } from 'vitest';
import { appendMessages } from '../../../archive/append.ts';
import { addMentions } from '../../../archive/unread.ts';
import { positionAt } from '../../../archive/message.ts';
import { findAccount } from '../../../identity/accounts.ts';
import { getChannel, type Channel } from '../../../teams/channels.ts';
import { findTeam } from '../../../teams/teams.ts';
import { openTestApp, type TestApp } from '../../app.test-support.ts';

let house: TestApp;
let ada: string;
let bob: string;
let general: Channel;
beforeEach(async () => {
  house = await openTestApp();
  ada = await house.setUp('irc');
  bob = await house.join(ada, 'orbit', 'bob');
  general = await channelOf('general');
});
afterEach(() => house.close());

const channelOf = async (name: string): Promise<Channel> =>
  getChannel(house.services.database, (await findTeam(house.services.database, 'orbit'))!, name);

let clock = Date.now();
async function say(text: string, channel = general): Promise<{ id: string; sentAt: string }> {
  const message = { id: `m ${text}`, sentAt: new Date(++clock).toISOString() };
  await appendMessages(house.services.database, channel.id, [{ ...message, kind: 'text', nick: 'ada', account: 'ada', text }]);
  return message;
}
const unread = async (as: string) => {
  const { channels } = (await house.ask('GET', '/api/unread', undefined, as)).json<{ channels: { channelName: string }[] }>();
  return channels.find(({ channelName }) => channelName === 'general');
};
const mark = async (upTo: string, as = bob) => house.ask('PUT', '/api/teams/orbit/channels/general/marker', { upTo }, as);
const events = async () => (await house.services.outbox.findAfter(0)).filter(({ type }) => type === 'marker-moved');

test('a marker is moved by message or time, never back, and all who follow hear of it', async () => {
  clock = Date.now() + 50;
  const one = await say('one');
  const two = await say('two');
  const three = await say('three');
  const account = (await findAccount(house.services.database, 'bob'))!;
  await addMentions(house.services.database, general.id, [{ accountId: account.id, position: positionAt(Date.parse(two.sentAt)) }]);
  expect(await unread(bob)).toMatchObject({ team: 'orbit', unread: 3, mentions: 1, level: 'mentions', lastRead: null, readUntil: null });

  expect((await mark(one.id)).json()).toEqual({ moved: true });
  expect(await unread(bob)).toMatchObject({ unread: 2, mentions: 1, lastRead: one.id, readUntil: one.sentAt });
  expect((await mark(two.id)).json()).toEqual({ moved: true });
  expect((await mark(one.id)).json()).toEqual({ moved: false });
  expect(await unread(bob)).toMatchObject({ unread: 1, mentions: 0, lastRead: two.id });
  await expect.poll(() => Date.now()).toBeGreaterThan(Date.parse(three.sentAt));
  expect((await mark(three.sentAt)).json()).toEqual({ moved: true });
  expect(await unread(bob)).toMatchObject({ unread: 0, lastRead: three.id });
  expect(await unread(ada)).toMatchObject({ unread: 0, lastRead: null });
  expect(await events()).toMatchObject([
    { name: 'bob', home: 'irc', address: 'general', message: one.id, sentAt: one.sentAt },
    { message: two.id },
    { message: three.id },
  ]);
});

test('a moment that is still to come counts as now: what is said later is unread', async () => {
  clock = Date.now() - 1_000;
  await say('before');
  expect((await mark('2999-01-01T00:00:00.000Z')).json()).toEqual({ moved: true });
  clock = Date.now() + 1_000;
  await say('after');
  expect(await unread(bob)).toMatchObject({ unread: 1 });
});

test('a message that the logger has not stored yet is waited for; one that never comes is an error', async () => {
  const moved = mark('m late');
  await say('late');
  expect((await moved).json()).toEqual({ moved: true });
  expect((await mark('m never')).json()).toMatchObject({ code: 'KOSMOS_ERR_MESSAGE_NOT_FOUND' });
});

test('a level is a member’s own, and of channels that are open to them alone', async () => {
  const level = (name: string, wanted: string, as: string) =>
    house.ask('PUT', `/api/teams/orbit/channels/${name}/level`, { level: wanted }, as);
  expect((await level('general', 'all', bob)).statusCode).toBe(204);
  expect(await unread(bob)).toMatchObject({ level: 'all' });
  expect(await unread(ada)).toMatchObject({ level: 'mentions' });
  expect((await level('general', 'some', bob)).statusCode).toBe(400);
  await house.ask('POST', '/api/teams/orbit/channels', { name: 'bobs', private: true }, bob);
  expect((await level('bobs', 'none', ada)).statusCode).toBe(403);
  expect((await house.ask('PUT', '/api/teams/orbit/channels/bobs/marker', { upTo: 'x' }, ada)).statusCode).toBe(403);
  expect((await house.ask('GET', '/api/unread')).statusCode).toBe(401);
});
