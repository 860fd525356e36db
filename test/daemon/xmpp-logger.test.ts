import { afterAll, beforeAll, expect, it } from 'vitest';
import { findMessages } from '../../server/archive/page.ts';
import type { Channel } from '../../server/teams/channels.ts';
import type { Team } from '../../server/teams/teams.ts';
import { startAppliance, type TestAppliance } from './support/appliance.ts';
import { eventually } from '../support/eventually.ts';
import { XmppPerson } from './support/xmpp-person.ts';

const DOMAIN = 'chat.test';
const ROOM = `lobby@rooms.${DOMAIN}`;
let appliance: TestAppliance, team: Team, lobby: Channel, alice: XmppPerson, bob: XmppPerson;

async function connect(name: string): Promise<XmppPerson> {
  const { token } = await appliance.tokens.mint(name, 'prosody');
  const person = await XmppPerson.connect(appliance.settings.internalPort, DOMAIN, name, token);
  await person.join(ROOM);
  return person;
}

beforeAll(async () => {
  appliance = await startAppliance(['prosody']);
  const { people } = appliance;
  team = await people.team('Acme', 'xmpp');
  await people.member(team, 'alice');
  await people.member(team, 'bob');
  lobby = await people.channel(team, 'lobby');
  await appliance.startDaemon();
  await eventually('the bot’s way into the room', () => appliance.log().includes('"logging"'));
  alice = await connect('alice');
  bob = await connect('bob');
});
afterAll(async () => {
  await alice?.close();
  await bob?.close();
  await appliance?.stop();
});

const archived = async (withEvents = false) => (await findMessages(appliance.database, lobby, { limit: 200, withEvents })).messages;
const untilArchived = (text: string) =>
  eventually(`“${text}” in the archive`, async () => (await archived(true)).find((message) => message.text === text));
const groupchat = (inner: string, id = 'x1') =>
  `<message xmlns="jabber:client" type="groupchat" to="${ROOM}" id="${id}">${inner}</message>`;

it('records messages with their account, actions, topics, files, replies, reactions and corrections', async () => {
  alice.say(ROOM, 'hello <everybody> & all');
  const hello = await untilArchived('hello <everybody> & all');
  expect(hello).toMatchObject({ kind: 'text', nick: 'alice', account: 'alice' });
  bob.say(ROOM, '/me waves');
  expect(await untilArchived('waves')).toMatchObject({ kind: 'action', nick: 'bob' });
  const quoted = `<body>&gt; hello\nwelcome</body><reply xmlns="urn:xmpp:reply:0" to="${ROOM}/alice" id="${hello.id}"/>
    <fallback xmlns="urn:xmpp:fallback:0" for="urn:xmpp:reply:0"><body start="0" end="8"/></fallback>`;
  bob.sendRaw(groupchat(quoted, 'r1'));
  expect(await untilArchived('welcome')).toMatchObject({ replyTo: hello.id });
  bob.sendRaw(
    groupchat(`<reactions xmlns="urn:xmpp:reactions:0" id="${hello.id}"><reaction>👍</reaction><reaction>🎉</reaction></reactions>`),
  );
  const reacted = await eventually('the reactions', async () => (await archived()).find(({ reactions }) => reactions.length > 1));
  expect(reacted).toMatchObject({ id: hello.id, reactions: [{ emoji: '🎉', nicks: ['bob'] }, { emoji: '👍' }] });
  const typo = alice.say(ROOM, 'helo again');
  await untilArchived('helo again');
  alice.sendRaw(groupchat(`<body>hello again</body><replace xmlns="urn:xmpp:message-correct:0" id="${typo}"/>`, 'c1'));
  expect((await untilArchived('hello again')).editedAt).not.toBeNull();
  alice.sendRaw(
    groupchat('<body>https://chat.test/upload/1/a.png</body><x xmlns="jabber:x:oob"><url>https://chat.test/upload/1/a.png</url></x>', 'f1'),
  );
  expect(await untilArchived('https://chat.test/upload/1/a.png')).toMatchObject({ attachment: 'https://chat.test/upload/1/a.png' });
});

it('deletes what its sender retracts, and nothing for others', async () => {
  alice.say(ROOM, 'a secret');
  const secret = await untilArchived('a secret');
  bob.sendRaw(groupchat(`<retract xmlns="urn:xmpp:message-retract:1" id="${secret.id}"/>`));
  bob.say(ROOM, 'after the false retraction');
  await untilArchived('after the false retraction');
  expect((await archived()).some(({ text }) => text === 'a secret')).toBe(true);
  alice.sendRaw(
    groupchat(
      `<apply-to xmlns="urn:xmpp:fasten:0" id="${secret.id}"><retract xmlns="urn:xmpp:message-retract:0"/></apply-to><store xmlns="urn:xmpp:hints"/>`,
    ),
  );
  await eventually('the retraction', async () => (await archived()).find(({ id, deletedAt }) => id === secret.id && deletedAt !== null));
});

it('records who comes and who goes', async () => {
  const visitor = await (async () => {
    await appliance.people.member(team, 'visitor');
    return connect('visitor');
  })();
  visitor.leave(ROOM);
  const movements = await eventually('the visitor’s coming and going', async () => {
    const found = (await archived(true)).filter(({ nick }) => nick === 'visitor');
    return found.length === 2 && found;
  });
  expect(movements.map(({ kind, account }) => [kind, account])).toEqual([
    ['join', 'visitor'],
    ['leave', 'visitor'],
  ]);
  await visitor.close();
});

it('misses nothing and doubles nothing when it is killed amid 20 messages a second', async () => {
  const sent: string[] = [];
  const speak = setInterval(() => {
    const text = `count ${sent.length}`;
    sent.push(text);
    (sent.length % 2 ? alice : bob).say(ROOM, text);
  }, 50);
  await eventually('the first messages', () => sent.length > 20);
  await appliance.killDaemon();
  const atDeath = sent.length;
  await eventually('messages while the daemon is dead', () => sent.length > atDeath + 110);
  await appliance.startDaemon();
  await eventually('messages after the daemon is back', () => sent.length > atDeath + 150, 20_000);
  clearInterval(speak);
  await untilArchived(sent.at(-1) as string);
  const counted = (await archived()).filter(({ text }) => text.startsWith('count '));
  for (const [parity, name] of ['alice', 'bob'].entries()) {
    const theirs = counted.filter(({ nick }) => nick === name).map(({ text }) => text);
    const spoken = sent.filter((_, index) => index % 2 === parity);
    expect(theirs).toEqual(spoken.slice(-theirs.length));
  }
  const rows = await appliance.database.selectFrom('messages').select('text').where('text', 'like', 'count %').execute();
  expect(rows.map(({ text }) => text).sort()).toEqual([...sent].sort());
  expect(new Set(counted.map(({ account }) => account))).toEqual(new Set(['alice', 'bob']));
});
