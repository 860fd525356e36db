import { createHmac } from 'node:crypto';
import http from 'node:http';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findMessages } from '../../server/archive/page.ts';
import { topologyOf } from '../../server/foundation/topology.ts';
import type { Account } from '../../server/identity/accounts.ts';
import type { Channel } from '../../server/teams/channels.ts';
import { createWebhook, findIncomingCalls, findWebhooks, removeWebhook } from '../../server/teams/webhooks.ts';
import { startAppliance, type TestAppliance } from './support/appliance.ts';
import { IrcPerson } from './support/irc-person.ts';
import { eventually } from '../support/eventually.ts';

let appliance: TestAppliance, general: Channel, lobby: Channel, alice: Account, watcher: IrcPerson;

beforeAll(async () => {
  appliance = await startAppliance(['ergo', 'prosody']);
  const { people, settings } = appliance;
  const team = await people.team('Acme', 'irc');
  alice = await people.member(team, 'alice');
  general = await people.channel(team, 'general');
  lobby = await people.channel(await people.team('Jabber', 'xmpp'), 'lobby');
  await appliance.startDaemon();
  await eventually('the bot’s way into both channels', () => appliance.log().split('"msg":"logging"').length > 2);
  watcher = await IrcPerson.connect(settings.ircPort, 'watcher');
  await watcher.join('#general');
});
afterAll(async () => {
  await watcher?.quit();
  await appliance?.stop();
});

interface Answer {
  status: number;
  body: string;
  headers: http.IncomingHttpHeaders;
}

function post(path: string, body: string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = {
      ...topologyOf(appliance.settings).daemon,
      method: 'POST',
      path,
      headers: { 'content-type': 'application/json', ...headers },
    };
    const request = http.request(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text, headers: response.headers }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

const texts = async (channel: Channel): Promise<string[]> =>
  (await findMessages(appliance.database, channel, { limit: 200 })).messages.map(({ nick, text }) => `${nick}: ${text}`);

it('says on IRC what comes in Slack’s format, under the sender’s name', async () => {
  const { id, secret } = await createWebhook(appliance.database, general, alice, 'deploys');
  const sent = await post(`/hooks/${id}/${secret}`, JSON.stringify({ text: 'first\nsecond', username: 'Robot' }));
  expect(sent).toMatchObject({ status: 200, body: 'ok' });
  const heard = await watcher.sees(({ command, parameters }) => command === 'PRIVMSG' && parameters[1] === 'second');
  expect(heard.source).toMatch(/^Robot\/kosmos!/);
  await eventually('the message in the archive', async () => (await texts(general)).includes('Robot/kosmos: second'));
});

it('takes the same at /incoming, for its own room only', async () => {
  const { secret } = await createWebhook(appliance.database, general, alice, 'bot');
  expect(await post(`/incoming/${secret}`, JSON.stringify({ room: '#general', message: ['hello', 'there'] }))).toMatchObject({
    status: 200,
  });
  await watcher.sees(({ source, parameters }) => source.startsWith('bot/kosmos!') && parameters[1] === 'there');
  const elsewhere = await post(`/incoming/${secret}`, JSON.stringify({ room: 'board', message: 'x' }));
  expect(JSON.parse(elsewhere.body)).toMatchObject({ code: 'KOSMOS_ERR_WEBHOOK_ROOM', details: { channel: 'general', room: 'board' } });
});

it('checks GitHub’s signature and says a repeated delivery once', async () => {
  const { id, secret } = await createWebhook(appliance.database, general, alice, 'git');
  const { headers, body } = JSON.parse(readFileSync(new URL('payloads/github-issue.json', import.meta.url), 'utf8')) as {
    headers: Record<string, string>;
    body: object;
  };
  const text = JSON.stringify(body);
  const sign = (key: string) => ({ ...headers, 'x-hub-signature-256': `sha256=${createHmac('sha256', key).update(text).digest('hex')}` });
  expect(await post(`/hooks/${id}/${secret}`, text, sign('wrong'))).toMatchObject({ status: 401 });
  expect(JSON.parse((await post(`/hooks/${id}/${secret}`, text, sign(secret))).body)).toMatchObject({ outcome: 'posted' });
  expect(JSON.parse((await post(`/hooks/${id}/${secret}`, text, sign(secret))).body)).toMatchObject({ outcome: 'posted before' });
  await eventually('the message in the archive', async () => (await texts(general)).some((line) => line.includes('opened issue #3')));
  expect((await texts(general)).filter((line) => line.includes('opened issue #3'))).toHaveLength(1);
});

it('says on XMPP under the bot’s nick, with the sender’s name', async () => {
  const { id, secret } = await createWebhook(appliance.database, lobby, alice, 'deploys');
  expect(await post(`/hooks/${id}/${secret}`, JSON.stringify({ text: 'over & out <b>' }))).toMatchObject({ status: 200 });
  await eventually('the message in the archive', async () => (await texts(lobby)).includes('kosmos: deploys: over & out <b>'));
});

it('answers what is wrong, and the channel’s settings show it', async () => {
  const { id, secret } = await createWebhook(appliance.database, general, alice, 'broken');
  const answer = await post(`/hooks/${id}/${secret}`, '{"foo": 1}');
  expect(answer.status).toBe(400);
  expect(JSON.parse(answer.body)).toMatchObject({ code: 'KOSMOS_ERR_WEBHOOK_CONTENT' });
  const shown = (await findWebhooks(appliance.database, general)).find((webhook) => webhook.id === id);
  expect(shown).toMatchObject({ usedAt: null, lastError: expect.stringContaining('none of the fields') as string });
  expect(await post(`/hooks/${id}/${secret}`, '', { 'content-length': String(3 * 1024 * 1024) })).toMatchObject({ status: 413 });
  expect((await findIncomingCalls(appliance.database, general, id)).map(({ status, format }) => [status, format])).toEqual([[400, null]]);
  await removeWebhook(appliance.database, general, id);
  await expect(findIncomingCalls(appliance.database, general, id)).rejects.toMatchObject({ code: 'KOSMOS_ERR_WEBHOOK_NOT_FOUND' });
  expect(await post(`/hooks/${id}/${secret}`, '{"text":"x"}')).toMatchObject({ status: 404 });
});

it('keeps no secret, refuses guesses, and limits what one webhook says', async () => {
  const { id, secret } = await createWebhook(appliance.database, general, alice, 'eager');
  const stored = JSON.stringify(await appliance.database.selectFrom('webhooks').selectAll().execute());
  expect(stored).not.toContain(secret);
  expect(appliance.log()).not.toContain(secret);
  const from = { 'x-forwarded-for': '203.0.113.7' };
  const guesses = await Promise.all(Array.from({ length: 40 }, () => post(`/hooks/${id}/wrong`, '{"text":"x"}', from)));
  expect(guesses.filter(({ status }) => status === 429).length).toBeGreaterThan(5);
  expect(await post(`/hooks/${id}/${secret}`, '{"nothing":1}')).toMatchObject({ status: 400 });
  const flood = await Promise.all(Array.from({ length: 70 }, () => post(`/hooks/${id}/${secret}`, '{"nothing":1}')));
  const limited = flood.find(({ status }) => status === 429);
  expect(Number(limited?.headers['retry-after'])).toBeGreaterThan(0);
});
