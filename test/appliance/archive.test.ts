import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
