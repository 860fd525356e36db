import { afterAll, beforeAll, expect, test } from 'vitest';
import { PASSWORD, TestAppliance, type Api } from '../support/appliance.ts';
import { eventually } from '../support/eventually.ts';
import { IrcClient } from '../support/irc.ts';
import { XmppClient } from '../support/xmpp.ts';

let house: TestAppliance;
let ada: Api;
beforeAll(async () => {
  ({ appliance: house, ada } = await TestAppliance.startSetUp('irc'));
  await ada.ask(201, 'POST', '/api/teams', { name: 'Comet', home: 'xmpp' });
  await ada.ask(201, 'POST', '/api/teams/comet/channels', { name: 'lounge' });
});
afterAll(() => house.dispose());

interface Messages {
  messages: { text: string; nick: string; account: string | null; channelName?: string }[];
}

const texts = async (team: string, channel: string): Promise<string[]> => {
  const page = await ada.ask<Messages>(200, 'GET', `/api/teams/${team}/channels/${channel}/messages`);
  return page.messages.map(({ text }) => text);
};

test('what a plain IRC client and an XMPP client say is in the archive and in search', async () => {
  const irc = await IrcClient.logIn({ port: house.ircsPort, certificate: house.certificate, name: 'ada', password: PASSWORD });
  irc.send('JOIN #general');
  await irc.receives(' 366 ');
  irc.send('PRIVMSG #general :the quick brown fox on IRC');
  const service = `xmpp://127.0.0.1:${house.xmppPort}`;
  const xmpp = await XmppClient.logIn({ service, certificate: house.certificate, name: 'ada', password: PASSWORD });
  await xmpp.join('lounge@rooms.localhost');
  await xmpp.say('lounge@rooms.localhost', 'the quick brown fox on XMPP');

  await eventually('IRC is recorded', async () => (await texts('orbit', 'general')).includes('the quick brown fox on IRC'));
  await eventually('XMPP is recorded', async () => (await texts('comet', 'lounge')).includes('the quick brown fox on XMPP'));
  const found = await ada.ask<Messages>(200, 'GET', '/api/search?q=brown%20fox');
  expect(found.messages.map(({ channelName, account }) => [channelName, account]).sort()).toEqual([
    ['general', 'ada'],
    ['lounge', 'ada'],
  ]);
  irc.close();
  await xmpp.close();
});

test('the daemon killed under messages: nothing is missing and nothing twice', async () => {
  const irc = await IrcClient.logIn({ port: house.ircsPort, certificate: house.certificate, name: 'ada', password: PASSWORD });
  irc.send('JOIN #general');
  await irc.receives(' 366 ');
  const said = Array.from({ length: 30 }, (_, index) => `number ${index}`);
  for (const [index, text] of said.entries()) {
    irc.send(`PRIVMSG #general :${text}`);
    await irc.receives(`PRIVMSG #general :${text}`);
    if (index === 9) process.kill(await house.componentPid('daemon'), 'SIGKILL');
  }
  await house.untilHealthy();
  const recorded = await eventually(
    'everything is recorded',
    async () => {
      const all = (await texts('orbit', 'general')).filter((text) => text.startsWith('number '));
      return new Set(all).size === said.length && all;
    },
    20_000,
  );
  expect(recorded).toEqual(said);
  irc.close();
});
