import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { storeSetting } from '../../server/database/settings.ts';
import { findFreePort } from '../support/ports.ts';
import { Member } from '../gateway-xmpp/support/member.ts';
import { DOMAIN as XMPP_DOMAIN, PASSWORD as XMPP_PASSWORD, Prosody, ROOMS } from '../gateway-xmpp/support/prosody.ts';
import type { Browser, Heard } from './support/browser.ts';
import { registerAt } from './support/ergo.ts';
import { House, irc, place, text } from './support/house.ts';
import { launchGateway, untilIt } from './support/launch.ts';
import { startNgircd } from './support/ngircd.ts';
import { BareClient } from './support/bare-client.ts';
import type { ServerProcess } from './support/process.ts';

const SERVER = 'localhost';
let house: House;
let server: ServerProcess;
let gateway: ChildProcess;
let port: number;
let bob: BareClient;
let prosody: Prosody;

const plain = (type: string, parts: object = {}): Record<string, unknown> => irc('alice', type, { ...parts, server: SERVER });
const room = place('#plain', SERVER);

async function alice(): Promise<{ browser: Browser; joined: Heard }> {
  const browser = await house.browser('alice');
  await browser.says(
    'credentials',
    plain('credentials', { object: { type: 'credentials', nick: 'alice', server: SERVER, port, secure: false } }),
  );
  await browser.says('message', plain('connect'));
  return { browser, joined: await browser.says('message', plain('join', { target: room })) };
}

/** The texts that a browser heard so far, up to and with the last one. */
async function textsUpTo(browser: Browser, last: string): Promise<string[]> {
  const texts: string[] = [];
  for (;;) {
    const { object } = await browser.hears(({ type }) => type === 'send', `“${last}”`);
    texts.push(object.content as string);
    if (object.content === last) return texts;
  }
}

/** As often as there are that many messages in the database: the gateway writes them a moment after it heard them. */
async function untilKept(count: number): Promise<void> {
  await untilIt(async () => {
    const { kept } = await house.control.database
      .selectFrom('gateway_missed')
      .select((select) => select.fn.countAll<number>().as('kept'))
      .executeTakeFirstOrThrow();
    if (Number(kept) < count) throw new Error(`${kept} are kept`);
  }, `${count} messages are kept`);
}

beforeAll(async () => {
  port = await findFreePort();
  house = await House.open();
  server = await startNgircd(path.join(house.folder, 'ngircd'), port);
  await house.gateway.close();
  prosody = await Prosody.start({ accounts: ['alice', 'bob'] });
  const certificate = path.join(house.folder, 'prosody.crt');
  writeFileSync(certificate, prosody.certificate);
  process.env['NODE_EXTRA_CA_CERTS'] = certificate;
  const ports = [port, house.ergo.port, prosody.clientPort];
  await storeSetting(house.control.database, 'gatewayHosts', { inside: ports.map((each) => `${SERVER}:${each}`) });
  gateway = await launchGateway(house);
  bob = await BareClient.join(port, 'bob', '#plain');
});
afterAll(async () => {
  bob.leaves();
  gateway.kill('SIGKILL');
  await server.stop();
  await prosody.remove();
  await house.close();
});

it('what came while the browser was gone is there after a kill, with what came after it, once, and unread up to the right message', async () => {
  const before = await alice();
  expect(before.joined.object.features).toContain('markers');
  bob.says('PRIVMSG #plain :seen');
  const seen = await before.browser.hearsText('seen');
  await before.browser.says(
    'message',
    plain('read', { target: room, object: { type: 'marker', id: seen.object.id, published: seen.published } }),
  );
  before.browser.leaves();
  await untilIt(async () => expect((await house.health()).sockets).toBe(0), 'the browser is gone');

  bob.says('PRIVMSG #plain :missed 1');
  bob.says('PRIVMSG alice :missed 2');
  await untilKept(2);
  gateway.kill('SIGKILL');
  await once(gateway, 'exit');
  await bob.hears('QUIT');
  bob.lines.length = 0;
  gateway = await launchGateway(house);
  await bob.hears('JOIN');
  bob.says('PRIVMSG #plain :missed 3');
  await untilKept(3);

  const after = await alice();
  expect(after.joined.object.marker).toEqual({ published: seen.published });
  expect(await textsUpTo(after.browser, 'missed 3')).toEqual(['missed 1', 'missed 2', 'missed 3']);
  // Another browser of hers is told the same; one that comes after the next absence is not.
  const second = await alice();
  expect(await textsUpTo(second.browser, 'missed 3')).toEqual(['missed 1', 'missed 2', 'missed 3']);
  await second.browser.says('message', plain('read', { target: room, object: { type: 'marker', published: '2030-01-01T00:00:00.000Z' } }));
  const moved = await after.browser.hears(({ type }) => type === 'read', 'the marker');
  expect(moved.object.published).toBe('2030-01-01T00:00:00.000Z');
  for (const { browser } of [after, second]) browser.leaves();
  await untilIt(async () => expect((await house.health()).sockets).toBe(0), 'the browsers are gone');
  const third = await alice();
  await third.browser.says('message', text('alice', 'bob', 'and now', {}, SERVER));
  expect(third.browser.heard.filter(({ type }) => type === 'send')).toEqual([]);
  third.browser.leaves();
});

const isText = ({ type }: Heard): boolean => type === 'send';

/** The gateway is killed, and comes back after something was said. */
async function withoutGateway(say: () => Promise<unknown>): Promise<void> {
  gateway.kill('SIGKILL');
  await once(gateway, 'exit');
  await say();
  gateway = await launchGateway(house);
}

/** Everything said in the conversation, in order, in words that end with “last”. */
async function hearsAll(browser: Browser, conversation: string): Promise<string[]> {
  const isThere = ({ actor, target }: Heard): boolean => (target?.type === 'room' ? target.name : actor.name) === conversation;
  const texts: string[] = [];
  while (!texts.at(-1)?.endsWith('last')) {
    texts.push((await browser.hears((heard) => isText(heard) && isThere(heard), `more of ${conversation}`)).object.content as string);
  }
  return texts;
}

it('what was said on an IRC network while there was no gateway is told once and in order, where the network keeps a history', async () => {
  const { port: outside } = house.ergo;
  await registerAt(outside, 'carol', 'pencil');
  // Ergo keeps direct messages for those who are there: with another client, carol is.
  const elsewhere = await BareClient.logIn(outside, 'carol', 'PLAIN', 'pencil');
  const dave = await BareClient.join(outside, 'dave', '#net');
  const credentials = { type: 'credentials', nick: 'carol', server: SERVER, port: outside, secure: false, password: 'pencil' };
  const ask = (type: string, parts: object = {}): Record<string, unknown> => irc('carol', type, { ...parts, server: SERVER });
  const enter = async (): Promise<Browser> => {
    const browser = await house.browser('carol');
    await browser.says('credentials', ask('credentials', { object: credentials }));
    await browser.says('message', ask('connect'));
    await browser.says('message', ask('join', { target: place('#net', SERVER) }));
    return browser;
  };
  const before = await enter();
  dave.says('PRIVMSG #net :seen');
  dave.says('PRIVMSG carol :seen too');
  await before.hearsText('seen too');
  before.leaves();
  await untilIt(async () => expect((await house.health()).sockets).toBe(0), 'the browser is gone');
  dave.says('PRIVMSG #net :nobody listened');
  await untilKept(1);

  await withoutGateway(async () => {
    for (const line of ['#net :no gateway', 'carol :no gateway', '#net :no gateway, last', 'carol :last']) dave.says(`PRIVMSG ${line}`);
    await elsewhere.hears('PRIVMSG carol :last');
  });
  await untilKept(5);
  const after = await enter();
  expect(await hearsAll(after, '#net')).toEqual(['nobody listened', 'no gateway', 'no gateway, last']);
  expect(await hearsAll(after, 'dave')).toEqual(['no gateway', 'last']);
  await after.says('message', ask('disconnect'));
  expect(after.heard.filter(isText)).toEqual([]);
  for (const one of [after, elsewhere, dave]) one.leaves();
});

it('so it is on an XMPP server, of rooms and of people', async () => {
  const me = { type: 'person', id: `alice@${XMPP_DOMAIN}`, name: 'alice' };
  const target = { type: 'room', id: `net@${ROOMS}`, name: 'net' };
  const ask = (type: string, more: object = {}): object => ({ context: 'xmpp', type, actor: me, ...more });
  const credentials = { type: 'credentials', userAddress: me.id, password: XMPP_PASSWORD, server: SERVER, port: prosody.clientPort };
  const enter = async (): Promise<Browser> => {
    const browser = await house.browser('alice');
    await browser.says('credentials', ask('credentials', { object: credentials }));
    await browser.says('message', ask('connect'));
    await browser.says('message', ask('join', { target }));
    return browser;
  };
  const friend = new Member(prosody, 'bob');
  await friend.connects();
  await friend.joins('#net');
  const before = await enter();
  await friend.says('#net', 'seen');
  await friend.says('alice', 'seen too');
  await before.hearsText('seen too');
  before.leaves();
  await untilIt(async () => expect((await house.health()).sockets).toBe(0), 'the browser is gone');
  await friend.says('#net', 'nobody listened');
  await untilKept(1);

  await withoutGateway(async () => {
    await friend.says('#net', 'no gateway');
    await friend.says('alice', 'no gateway');
    await friend.says('#net', 'no gateway, last');
    await friend.says('alice', 'last');
  });
  await untilKept(5);
  const after = await enter();
  expect(await hearsAll(after, 'net')).toEqual(['nobody listened', 'no gateway', 'no gateway, last']);
  expect(await hearsAll(after, 'bob')).toEqual(['no gateway', 'last']);
  await after.says('message', ask('disconnect'));
  expect(after.heard.filter(isText)).toEqual([]);
  after.leaves();
  await friend.goes();
});

it('keeps the newest thousand', async () => {
  await untilIt(async () => expect((await house.health()).sockets).toBe(0), 'the browser is gone');
  for (let index = 0; index < 1_050; index += 1) bob.says(`PRIVMSG #plain :many ${index}`);
  await untilIt(async () => {
    const rows = await house.control.database.selectFrom('gateway_missed').select('activity').orderBy('id').execute();
    expect(rows.at(-1)?.activity).toContain('many 1049');
    expect(rows).toHaveLength(1_000);
    expect(rows[0]?.activity).toContain('many 50');
  }, 'the newest thousand are kept');
});
