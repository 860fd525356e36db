import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../server/database/database.ts';
import { storeSetting } from '../../server/database/settings.ts';
import { PASSWORD, TestAppliance, type Api } from '../support/appliance.ts';
import { eventually } from '../support/eventually.ts';
import { IrcClient } from '../support/irc.ts';
import { XmppClient } from '../support/xmpp.ts';

/** How long the daemon is away under messages; the figure in the documentation is from OUTAGE_SECONDS=60. */
const OUTAGE = Number(process.env.OUTAGE_SECONDS ?? 8) * 1_000;
/** 20 messages a second. */
const PACE = 50;
const ROOM = 'lounge@rooms.localhost';

let house: TestAppliance;
let ada: Api;
let irc: IrcClient;
let xmpp: XmppClient;
beforeAll(async () => {
  ({ appliance: house, ada } = await TestAppliance.startSetUp('irc'));
  await ada.ask(201, 'POST', '/api/teams', { name: 'Comet', home: 'xmpp' });
  await ada.ask(201, 'POST', '/api/teams/comet/channels', { name: 'lounge' });
  irc = await IrcClient.logIn({ port: house.ircsPort, certificate: house.certificate, name: 'ada', password: PASSWORD });
  irc.send('JOIN #general');
  await irc.receives(' 366 ');
  const service = `xmpp://127.0.0.1:${house.xmppPort}`;
  xmpp = await XmppClient.logIn({ service, certificate: house.certificate, name: 'ada', password: PASSWORD });
  await xmpp.join(ROOM);
});
afterAll(async () => {
  irc?.close();
  await xmpp?.close();
  await house?.dispose();
});

interface Messages {
  messages: { id: string; text: string; nick: string; account: string | null; sentAt: string; channelName?: string }[];
  hasBefore?: boolean;
}

const homes = {
  IRC: {
    path: '/api/teams/orbit/channels/general',
    channel: 'general',
    say: async (text: string) => irc.send(`PRIVMSG #general :${text}`),
  },
  XMPP: { path: '/api/teams/comet/channels/lounge', channel: 'lounge', say: (text: string) => xmpp.say(ROOM, text) },
};
type Home = keyof typeof homes;
const both = Object.keys(homes) as Home[];

/** All that was said in a channel, oldest first. */
async function messagesIn(home: Home): Promise<Messages['messages']> {
  const all: Messages['messages'] = [];
  for (let before = ''; ;) {
    const page = await ada.ask<Messages>(200, 'GET', `${homes[home].path}/messages?limit=200${before}`);
    all.unshift(...page.messages);
    if (!page.hasBefore) return all;
    before = `&before=${encodeURIComponent(page.messages[0]!.id)}`;
  }
}

const textsIn = async (home: Home): Promise<string[]> => (await messagesIn(home)).map(({ text }) => text);

/** How many milliseconds after `start` it is so; figures are told, for a machine may be busy. */
async function after(start: number, what: string, look: () => Promise<boolean>): Promise<string> {
  await eventually(what, look, 20_000);
  return `${what} after ${Math.round(performance.now() - start)} ms`;
}

test.each(both)('what a plain %s client says is in the archive, in search and in the day’s document', async (name) => {
  const { path, channel, say } = homes[name];
  await ada.ask(200, 'PUT', `${path}/documents`, { visibility: 'public' });
  const text = `the quick brown fox on ${name}`;
  const start = performance.now();
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
  await say(text);
  const archived = await after(start, `${name}: in the archive`, async () => (await textsIn(name)).includes(text));
  const found = await after(start, `${name}: in search`, async () => {
    const { messages } = await ada.ask<Messages>(200, 'GET', `/api/search?q=${encodeURIComponent(`"${text}"`)}`);
    return messages.some(({ channelName, account }) => channelName === channel && account === 'ada');
  });
  const written = await after(start, `${name}: in today’s document`, async () => {
    const { folder } = await ada.ask<{ folder: string | null }>(200, 'GET', `${path}/documents`);
    const answer = await fetch(`${folder}${day}`);
    return answer.ok && ((await answer.json()) as { today: Messages }).today.messages.some((message) => message.text === text);
  });
  console.info([archived, found, written].join('; '));
});

const knock = { date: '2015-06-05T17:35:28.454Z', user: 'hal8000', text: 'knock knock', type: 'text' };
const chatLog = (path: string, messages: object[]) => ({
  ...{ '@context': 'https://kosmos.org/ns/v1', '@id': 'chat-messages/irc.elsewhere.example/channels/lab/', '@type': 'ChatChannel' },
  ...{ name: '#lab', ircURI: 'irc://irc.elsewhere.example/lab' },
  today: { '@id': path, '@type': 'ChatLog', messageType: 'InstantMessage', messages },
});

test('documents of another logger in the admin’s own storage become part of a channel, and so does the team’s folder, each once', async () => {
  const { path } = homes.IRC;
  const { href, token } = await ada.ask<{ href: string; token: string }>(201, 'POST', '/api/storage/token');
  const folder = 'chat-messages/irc.elsewhere.example/channels/lab';
  const put = async (day: string, content: object): Promise<void> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    expect((await fetch(`${href}/${folder}/${day}`, { method: 'PUT', headers, body: JSON.stringify(content) })).status).toBe(201);
  };
  await put('2015/06/05', chatLog('2015/06/05', [knock, { ...knock, text: 'who is there?' }]));
  await put('2015/06/06', { no: 'document' });
  await put('2016/01/01', chatLog('2016/01/01', [{ ...knock, date: '2016-01-01T00:00:00.000Z', text: 'happy new year' }]));
  const take = (body: object) => ada.ask<{ refused: object[] }>(200, 'POST', `${path}/import/folder`, body);
  const first = await take({ from: 'own', folder });
  expect(first).toEqual({ documents: 2, messages: 3, refused: [{ document: '2015/06/06', reason: expect.any(String) }], next: null });
  expect(await take({ from: 'own', folder })).toMatchObject({ documents: 2, messages: 0 });
  expect(await take({ from: 'own', folder, after: '2015/12/31' })).toMatchObject({ documents: 1, messages: 0, refused: [] });
  const found = await ada.ask<Messages>(200, 'GET', '/api/search?q=knock');
  expect(found.messages).toMatchObject([{ nick: 'hal8000', sentAt: knock.date, channelName: 'general' }]);
  expect(await take({ from: 'team' })).toMatchObject({ messages: 0, refused: [] });
  const { apps } = await ada.ask<{ apps: { client: string }[] }>(200, 'GET', '/api/storage/apps');
  expect(apps.map(({ client }) => client)).not.toContain('import');
});

test('an address outside is called for a test, and what came of it is told and logged', async () => {
  let answers = 204;
  const heard: { signature: string | undefined; body: string }[] = [];
  const server = http.createServer((request, response) => {
    void readText(request).then((body) => {
      heard.push({ signature: request.headers['x-kosmos-signature']?.toString(), body });
      response.writeHead(answers).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const path = `${homes.IRC.path}/outgoing-webhooks`;
  const wanted = { name: 'watch', url: `http://127.0.0.1:${port}/hook`, trigger: 'message' };
  const { id } = await ada.ask<{ id: string }>(201, 'POST', path, wanted);
  expect(await ada.ask(200, 'POST', `${path}/${id}/test`)).toEqual({ status: null, outcome: '127.0.0.1 has no public address' });
  expect(heard).toEqual([]);

  const database = openDatabase({ dataFolder: house.dataFolder, databaseUrl: undefined });
  await storeSetting(database, 'innerPlaces', [`127.0.0.1:${port}`]);
  await database.destroy();
  const before = await house.componentPid('daemon');
  await ada.send('POST', '/api/admin/components/daemon/restart');
  await eventually('there is another daemon', async () => (await house.componentPid('daemon')) !== before, 20_000);
  await house.untilHealthy();
  expect(await ada.ask(200, 'POST', `${path}/${id}/test`)).toEqual({ status: 204, outcome: 'answered 204' });
  expect(heard[0]).toMatchObject({ signature: expect.stringMatching(/^v1=[\da-f]{64}$/), body: expect.stringContaining('"type":"test"') });
  answers = 500;
  expect(await ada.ask(200, 'POST', `${path}/${id}/test`)).toEqual({ status: 500, outcome: 'answered 500' });
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
  expect(await ada.ask(200, 'POST', `${path}/${id}/test`)).toMatchObject({
    status: null,
    outcome: expect.stringContaining('ECONNREFUSED'),
  });
  const { calls } = await ada.ask<{ calls: { status: number | null }[] }>(200, 'GET', `${path}/${id}/calls`);
  expect(calls.map(({ status }) => status).sort()).toEqual([204, 500, null, null]);
  await ada.ask(204, 'DELETE', `${path}/${id}`);
});

test(`the daemon killed and away for ${OUTAGE / 1_000} s under 20 messages a second on each home: nothing is missing and nothing twice`, async () => {
  const said: string[] = [];
  const talk = new AbortController();
  const talking = (async () => {
    for (let number = 0; !talk.signal.aborted; number += 1) {
      said.push(`number ${number}`);
      await Promise.all(both.map((name) => homes[name].say(`number ${number}`)));
      await wait(PACE, undefined, { signal: talk.signal }).catch(() => undefined);
    }
  })();
  await eventually('messages flow', () => said.length >= 20);
  process.kill(await house.componentPid('daemon'), 'SIGKILL');
  await ada.send('POST', '/api/admin/components/daemon/stop');
  const killedAt = said.length;
  await wait(OUTAGE);
  const startedAt = Date.now();
  const awayFor = said.length - killedAt;
  await ada.send('POST', '/api/admin/components/daemon/start');
  await eventually('messages flow again', () => said.length >= killedAt + awayFor + 20, 30_000);
  talk.abort();
  await talking;
  await house.untilHealthy();
  expect(awayFor).toBeGreaterThan(OUTAGE / PACE / 4);
  for (const name of both) {
    const recorded = await eventually(
      `everything of ${name} is recorded`,
      async () => {
        const all = (await messagesIn(name)).filter(({ text }) => text.startsWith('number '));
        return new Set(all.map(({ text }) => text)).size === said.length && all;
      },
      60_000,
    );
    expect(recorded.map(({ text }) => text)).toEqual(said);
    // When it was said, not when it was fetched.
    expect(Date.parse(recorded[killedAt]!.sentAt)).toBeLessThan(startedAt - OUTAGE / 2);
  }
  console.info(`${said.length} messages on each home, ${awayFor} of them while the daemon was away`);
}, 240_000);

test('the daemon killed and brought back by the supervisor: nothing is missing and nothing twice', async () => {
  const said = Array.from({ length: 30 }, (_, index) => `word ${index}`);
  const pid = await house.componentPid('daemon');
  for (const [index, text] of said.entries()) {
    irc.send(`PRIVMSG #general :${text}`);
    await irc.receives(`PRIVMSG #general :${text}`);
    if (index === 9) process.kill(pid, 'SIGKILL');
  }
  await eventually('there is another daemon', async () => (await house.componentPid('daemon')) !== pid, 20_000);
  await house.untilHealthy();
  const recorded = await eventually(
    'everything is recorded',
    async () => {
      const all = (await textsIn('IRC')).filter((text) => text.startsWith('word '));
      return new Set(all).size === said.length && all;
    },
    20_000,
  );
  expect(recorded).toEqual(said);
});
