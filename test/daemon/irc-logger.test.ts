import { afterAll, beforeAll, expect, it } from 'vitest';
import { findMessages } from '../../server/archive/page.ts';
import type { Channel } from '../../server/teams/channels.ts';
import type { Team } from '../../server/teams/teams.ts';
import { startAppliance, type TestAppliance } from './support/appliance.ts';
import { IrcPerson } from './support/irc-person.ts';
import { eventually } from '../support/eventually.ts';

let appliance: TestAppliance, team: Team, general: Channel, alice: IrcPerson, plain: IrcPerson;

beforeAll(async () => {
  appliance = await startAppliance(['ergo']);
  const { people, tokens, settings } = appliance;
  team = await people.team('Acme', 'irc');
  await people.member(team, 'alice');
  general = await people.channel(team, 'general');
  await appliance.startDaemon();
  await eventually('the bot’s way into the channel', () => appliance.log().includes('"logging"'));
  alice = await IrcPerson.connect(settings.ircPort, 'alice', (await tokens.mint('alice', 'ergo')).token);
  plain = await IrcPerson.connect(settings.ircPort, 'paula');
  await alice.join('#general');
  await plain.join('#general');
});
afterAll(async () => {
  await alice?.quit();
  await plain?.quit();
  await appliance?.stop();
});

const archived = async (channel: Channel, withEvents = false) =>
  (await findMessages(appliance.database, channel, { limit: 200, withEvents })).messages;
const byNumber = (one: string, other: string): number => Number(one.slice(6)) - Number(other.slice(6));
const untilArchived = (channel: Channel, text: string) =>
  eventually(`“${text}” in the archive`, async () => (await archived(channel, true)).find((message) => message.text === text));

it('records what plain and modern clients say, with account, action, reply and reaction', async () => {
  plain.say('#general', 'hello from a plain client');
  const hello = await untilArchived(general, 'hello from a plain client');
  expect(hello).toMatchObject({ kind: 'text', nick: 'paula', account: null });
  expect(Math.abs(Date.parse(hello.sentAt) - Date.now())).toBeLessThan(5_000);
  alice.say('#general', '\u0001ACTION waves :) at all\u0001');
  expect(await untilArchived(general, 'waves :) at all')).toMatchObject({ kind: 'action', nick: 'alice', account: 'alice' });
  alice.send(`@+draft/reply=${hello.id} PRIVMSG #general :welcome`, `@+draft/reply=${hello.id};+draft/react=👋 TAGMSG #general`);
  expect(await untilArchived(general, 'welcome')).toMatchObject({ replyTo: hello.id });
  await eventually('the reaction', async () =>
    (await archived(general)).find(({ id, reactions }) => id === hello.id && reactions.length > 0),
  );
  alice.send(`@+draft/reply=${hello.id};+draft/unreact=👋 TAGMSG #general`);
  await eventually('its end', async () => (await archived(general)).find(({ id, reactions }) => id === hello.id && reactions.length === 0));
});

it('records several lines as one message, topics, redactions, who comes and who goes', async () => {
  alice.send('BATCH +m draft/multiline #general', '@batch=m PRIVMSG #general :first', '@batch=m PRIVMSG #general :second', 'BATCH -m');
  expect(await untilArchived(general, 'first\nsecond')).toMatchObject({ kind: 'text', account: 'alice' });
  alice.say('#general', 'a secret');
  const secret = await untilArchived(general, 'a secret');
  alice.send(`REDACT #general ${secret.id} :oops`);
  await eventually('the redaction', async () =>
    (await archived(general)).find(({ id, deletedAt }) => id === secret.id && deletedAt !== null),
  );
  expect((await archived(general)).some(({ text }) => text === 'a secret')).toBe(false);
  const visitor = await IrcPerson.connect(appliance.settings.ircPort, 'visitor');
  await visitor.join('#general');
  await visitor.quit();
  const movements = await eventually('the visitor’s coming and going', async () => {
    const found = (await archived(general, true)).filter(({ nick, kind }) => nick === 'visitor' && kind !== 'text');
    return found.length === 2 && found;
  });
  expect(movements.map(({ kind }) => kind)).toEqual(['join', 'leave']);
});

it('never records direct messages', async () => {
  plain.send('PRIVMSG kosmos :for the bot only', 'PRIVMSG alice :for alice only');
  plain.say('#general', 'after the direct messages');
  await untilArchived(general, 'after the direct messages');
  const texts = await appliance.database.selectFrom('messages').select('text').execute();
  expect(texts.filter(({ text }) => text.includes('only'))).toEqual([]);
});

it('enters a channel that is made while it runs, and purges one that is removed', async () => {
  const fresh = await appliance.people.channel(team, 'fresh');
  await eventually('the bot’s way into the new channel', () => appliance.log().includes('"#fresh"'));
  await plain.join('#fresh');
  plain.say('#fresh', 'something new');
  await untilArchived(fresh, 'something new');
  const { removeChannel } = await import('../../server/teams/channels.ts');
  await appliance.people.outbox.change((change) => removeChannel(change, fresh));
  await eventually('the end of the archive of the removed channel', async () => (await archived(fresh)).length === 0);
});

it('misses nothing and doubles nothing when it is killed amid 20 messages a second', async () => {
  const sent: string[] = [];
  const speak = setInterval(() => {
    const text = `count ${sent.length}`;
    sent.push(text);
    (sent.length % 2 ? alice : plain).say('#general', text);
  }, 50);
  await eventually('the first messages', () => sent.length > 20);
  await appliance.killDaemon();
  const atDeath = sent.length;
  const visitor = await IrcPerson.connect(appliance.settings.ircPort, 'nightowl');
  await visitor.join('#general');
  await visitor.quit();
  await eventually('messages while the daemon is dead', () => sent.length > atDeath + 60);
  await appliance.startDaemon();
  await eventually('messages after the daemon is back', () => sent.length > atDeath + 120, 20_000);
  clearInterval(speak);
  await untilArchived(general, sent.at(-1) as string);
  const rows = await appliance.database.selectFrom('messages').select('text').where('text', 'like', 'count %').execute();
  expect(rows.map(({ text }) => text).sort(byNumber)).toEqual(sent);
  const all = await archived(general, true);
  for (const name of ['visitor', 'nightowl']) {
    expect(all.filter(({ nick }) => nick === name).map(({ kind }) => kind)).toEqual(['join', 'leave']);
  }
});
