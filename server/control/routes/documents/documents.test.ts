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

const CHANNEL = '/api/teams/orbit/channels/general';
const day = (messages: object[]) => ({
  '@context': 'https://kosmos.org/ns/v1',
  '@id': 'chat-messages/irc.example.org/channels/general/',
  '@type': 'ChatChannel',
  name: '#general',
  ircURI: 'irc://irc.example.org/general',
  today: { '@id': '2015/06/05', '@type': 'ChatLog', messageType: 'InstantMessage', messages },
});
const knock = { date: '2015-06-05T17:35:28.454Z', user: 'hal8000', text: 'knock knock', type: 'text' };
const dirtyDays = () => house.services.database.selectFrom('document_days').select(['day', 'is_dirty']).execute();
const events = async () => (await house.services.outbox.findAfter(0)).filter(({ type }) => type === 'channel-documents-changed');

test('a document of another logger becomes part of the channel, once', async () => {
  const answer = await house.ask('POST', `${CHANNEL}/import`, day([knock, { ...knock, text: 'who is there?' }]), ada);
  expect([answer.statusCode, answer.json()]).toEqual([201, { messages: 2 }]);
  expect((await house.ask('POST', `${CHANNEL}/import`, day([knock]), ada)).json()).toEqual({ messages: 0 });
  const found = await house.ask('GET', '/api/search?q=knock', undefined, bob);
  expect(found.json()).toMatchObject({ messages: [{ nick: 'hal8000', sentAt: knock.date, channelName: 'general' }] });
  expect(await dirtyDays()).toEqual([{ day: '2015/06/05', is_dirty: 1 }]);
  expect(await events()).toHaveLength(2);
});

test('what is no such document is refused whole, and imports are for admins who are in the channel', async () => {
  for (const body of [{}, [], day([{ ...knock, date: 'yesterday' }]), day([knock, { text: 'nobody' }])]) {
    const answer = await house.ask('POST', `${CHANNEL}/import`, body, ada);
    expect([answer.statusCode, answer.json().code]).toEqual([400, expect.stringMatching(/DOCUMENT_INVALID|VALIDATION/)]);
  }
  expect(await dirtyDays()).toEqual([]);
  const large = await house.ask('POST', `${CHANNEL}/import`, day([{ ...knock, text: 'x'.repeat(17 * 1024 * 1024) }]), ada);
  expect(large.statusCode).toBe(413);
  expect((await house.ask('POST', `${CHANNEL}/import`, day([knock]), bob)).statusCode).toBe(403);
  expect((await house.ask('POST', `${CHANNEL}/import/folder`, { from: 'team' }, bob)).statusCode).toBe(403);
  await house.ask('POST', '/api/teams/orbit/channels', { name: 'bobs', private: true }, bob);
  expect((await house.ask('POST', '/api/teams/orbit/channels/bobs/import', day([knock]), ada)).statusCode).toBe(403);
  for (const folder of ['', 'notes/a', '/chat-messages/x', 'chat-messages/../notes']) {
    const answer = await house.ask('POST', `${CHANNEL}/import/folder`, { from: 'own', folder }, ada);
    expect(answer.json().code).toMatch(/VALIDATION|UNREACHABLE/);
  }
});

test('whether documents are public, private or not kept is chosen by admins, and the daemon hears of it', async () => {
  expect((await house.ask('GET', `${CHANNEL}/documents`, undefined, bob)).json()).toEqual({
    ...{ visibility: 'private', days: 0, newest: null, folder: null },
  });
  await house.ask('POST', `${CHANNEL}/import`, day([knock]), ada);
  await house.services.database.updateTable('document_days').set({ is_dirty: 0, place: 'private' }).execute();
  const change = await house.ask('PUT', `${CHANNEL}/documents`, { visibility: 'public' }, ada);
  expect(change.json()).toMatchObject({ visibility: 'public', days: 1, newest: '2015/06/05' });
  expect(await dirtyDays()).toEqual([{ day: '2015/06/05', is_dirty: 1 }]);
  expect(await events()).toHaveLength(2);
  expect((await house.ask('PUT', `${CHANNEL}/documents`, { visibility: 'hidden' }, ada)).statusCode).toBe(400);
  expect((await house.ask('PUT', `${CHANNEL}/documents`, { visibility: 'off' }, bob)).statusCode).toBe(403);
});
