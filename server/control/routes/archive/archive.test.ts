import { afterEach, beforeEach, expect, test } from 'vitest';
import { appendMessages } from '../../../archive/append.ts';
import { getChannel } from '../../../teams/channels.ts';
import { findTeam } from '../../../teams/teams.ts';
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

async function record(channelName: string, ...texts: string[]): Promise<void> {
  const { database } = house.services;
  const channel = await getChannel(database, (await findTeam(database, 'orbit'))!, channelName);
  const sentAt = (index: number) => new Date(Date.UTC(2026, 0, 2, 3, 4, index)).toISOString();
  const messages = texts.map((text, index) => ({
    id: `${channelName}-${index}`,
    kind: 'text' as const,
    nick: 'ada',
    account: 'ada',
    text,
    sentAt: sentAt(index),
  }));
  await appendMessages(database, channel.id, messages);
}

interface Page {
  messages: { id: string; text: string }[];
  hasBefore: boolean;
  hasAfter: boolean;
}

const page = async (query: string, as = bob): Promise<Page> =>
  (await house.ask('GET', `/api/teams/orbit/channels/general/messages?${query}`, undefined, as)).json<Page>();

test('a channel is read page by page, both ways and around a message', async () => {
  await record('general', 'one', 'two', 'three', 'four', 'five');
  expect(await page('limit=2')).toMatchObject({ messages: [{ text: 'four' }, { text: 'five' }], hasBefore: true, hasAfter: false });
  expect(await page('limit=2&before=general-3')).toMatchObject({ messages: [{ text: 'two' }, { text: 'three' }], hasBefore: true });
  expect(await page('limit=2&after=general-0')).toMatchObject({ messages: [{ text: 'two' }, { text: 'three' }], hasAfter: true });
  expect((await page('limit=3&around=general-2')).messages.map(({ text }) => text)).toContain('three');
});

test('questions that cannot be answered are refused', async () => {
  await record('general', 'one');
  for (const [query, status, code] of [
    ['before=general-0&after=general-0', 400, 'KOSMOS_ERR_VALIDATION'],
    ['limit=0', 400, 'KOSMOS_ERR_VALIDATION'],
    ['limit=1000', 400, 'KOSMOS_ERR_VALIDATION'],
    ['before=no-such-message', 404, 'KOSMOS_ERR_MESSAGE_NOT_FOUND'],
  ] as const) {
    const answer = await house.ask('GET', `/api/teams/orbit/channels/general/messages?${query}`, undefined, bob);
    expect([query, answer.statusCode, answer.json().code]).toEqual([query, status, code]);
  }
});

test('search finds words, and nothing that the account may not read', async () => {
  await house.ask('POST', '/api/teams/orbit/channels', { name: 'secret', private: true }, ada);
  await record('general', 'the rocket launches at noon', '日本語のメッセージ');
  await record('secret', 'the rocket is a hoax');
  const find = async (q: string, as: string) => {
    const answer = await house.ask('GET', `/api/search?q=${encodeURIComponent(q)}`, undefined, as);
    return answer.json<Page>().messages.map(({ text }) => text);
  };
  expect(await find('rocket', bob)).toEqual(['the rocket launches at noon']);
  expect((await find('rocket', ada)).sort()).toEqual(['the rocket is a hoax', 'the rocket launches at noon']);
  expect(await find('本語の', bob)).toEqual(['日本語のメッセージ']);
  expect(await find('in:secret rocket', bob)).toEqual([]);
  expect((await house.ask('GET', '/api/search?q=rocket')).statusCode).toBe(401);
});

test('an admin who is not in a private channel sees that it is there and reads none of it', async () => {
  await house.ask('POST', '/api/teams/orbit/channels', { name: 'bobs', private: true }, bob);
  await record('bobs', 'for me alone');
  expect((await house.ask('GET', '/api/teams/orbit/channels/bobs/messages', undefined, ada)).json().code).toBe('KOSMOS_ERR_FORBIDDEN');
  expect((await house.ask('GET', '/api/teams/orbit/channels/bobs/export', undefined, ada)).statusCode).toBe(403);
  expect((await house.ask('GET', '/api/teams/orbit/export', undefined, ada)).body).not.toContain('for me alone');
});

test('export gives everything that was said, as lines of JSON or as text', async () => {
  await record('general', 'one', 'two\nlines');
  const json = await house.ask('GET', '/api/teams/orbit/channels/general/export', undefined, bob);
  expect(json.headers['content-disposition']).toMatch(/^attachment; filename="orbit-[0-9a-f]{8}\.jsonl"$/);
  expect(
    json.body
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { text: string }).text),
  ).toEqual(['one', 'two\nlines']);
  const text = await house.ask('GET', '/api/teams/orbit/export?format=text', undefined, ada);
  expect(text.body).toContain('[2026-01-02 03:04:00] <ada> one\n');
  expect((await house.ask('GET', '/api/teams/orbit/export', undefined, bob)).statusCode).toBe(403);
});
