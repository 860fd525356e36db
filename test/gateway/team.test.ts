import http from 'node:http';
import { mkdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { appendMessages } from '../../server/archive/append.ts';
import { moveMarker } from '../../server/archive/unread.ts';
import { listen } from '../../server/foundation/program.ts';
import { loadSecret } from '../../server/foundation/secrets.ts';
import { topologyOf } from '../../server/foundation/topology.ts';
import type { Account } from '../../server/identity/accounts.ts';
import type { Channel } from '../../server/teams/channels.ts';
import { People } from '../support/people.ts';
import { BareClient } from './support/bare-client.ts';
import type { Browser, Heard } from './support/browser.ts';
import { House, irc, text } from './support/house.ts';
import { untilIt } from './support/launch.ts';

interface Told {
  readonly path: string;
  readonly secret: string;
  readonly body: Record<string, string>;
}

let house: House;
let channel: Channel;
let alice: Account;
let bob: Browser;
let daemon: http.Server;
const told: Told[] = [];

/** What the daemon is asked on its own address. */
async function openDaemonsDoor(): Promise<http.Server> {
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      told.push({ path: request.url ?? '', secret: request.headers.authorization ?? '', body: JSON.parse(body) as Record<string, string> });
      // The first answer is a failure: it is asked once more.
      response.writeHead(told.length === 1 ? 503 : 202, { 'content-type': 'application/json' }).end('{}');
    });
  });
  mkdirSync(topologyOf(house.settings).runFolder, { recursive: true });
  await listen(server, topologyOf(house.settings).daemon);
  return server;
}

async function hasBeenTold(content: string): Promise<Told> {
  return untilIt(async () => {
    const found = told.filter(({ body }) => body['text'] === content).at(-1);
    if (!found) throw new Error(`told ${JSON.stringify(told)}`);
    return Promise.resolve(found);
  }, `the daemon is told “${content}”`);
}

const isAway = ({ type, object }: Heard): boolean => type === 'update' && object?.type === 'presence' && object?.presence === 'away';

async function markerOf(account: Account): Promise<number | undefined> {
  const row = await house.control.database
    .selectFrom('read_markers')
    .select('position')
    .where('account_id', '=', account.id)
    .executeTakeFirst();
  return row?.position;
}

beforeAll(async () => {
  house = await House.open({ limits: { grace: 300 } });
  const people = new People(house.control.database);
  const team = await people.team('Orbit', 'irc');
  alice = await people.member(team, 'alice');
  await people.member(team, 'bob');
  channel = await people.channel(team, 'general');
  daemon = await openDaemonsDoor();
  bob = await house.member('bob', '#general');
});
afterAll(async () => {
  await house.close();
  daemon.close();
});

async function archived(content: string): Promise<{ id: string; sentAt: string }> {
  const { object, published } = await bob.says('message', text('bob', '#general', content));
  const sentAt = published ?? '';
  await appendMessages(house.control.database, channel.id, [
    { id: object.id, kind: 'text', nick: 'bob', account: 'bob', text: content, sentAt },
  ]);
  return { id: object.id as string, sentAt };
}

it('what a member reads through the gateway is read in the archive, and the other way round', async () => {
  const browser = await house.member('alice', '#general');
  const first = await archived('read here');
  await browser.says(
    'message',
    irc('alice', 'read', { target: '#general', object: { type: 'marker', id: first.id, published: first.sentAt } }),
  );
  const before = await untilIt(async () => (await markerOf(alice)) ?? Promise.reject(new Error('no marker')), 'the marker moved');

  browser.forgets();
  const second = await archived('read on a telephone');
  await house.control.outbox.change((change) => moveMarker(change, alice, channel, second.id));
  const heard = await browser.hears(({ type }) => type === 'read', 'the marker');
  expect(heard).toMatchObject({ target: { name: '#general' }, object: { published: second.sentAt } });
  expect(await markerOf(alice)).toBeGreaterThan(before);
  // The server knows it too: whoever enters is told.
  await browser.says('message', irc('alice', 'leave', { target: '#general' }));
  const { object } = await browser.says('message', irc('alice', 'join', { target: '#general' }));
  expect(object.marker).toEqual({ published: second.sentAt });
  browser.leaves();
});

it('a marker that moved while no session was there holds on both sides, whichever is newer', async () => {
  const isGone = (): Promise<void> => untilIt(async () => expect((await house.health()).sessions).toBe(1), 'alice’s session is gone');
  await isGone();
  const inTheApp = await archived('read in an app that asks control');
  await house.control.outbox.change((change) => moveMarker(change, alice, channel, inTheApp.id));
  const browser = await house.member('alice', '#general');
  const token = await house.control.mint('alice', 'ergo');
  const plain = await BareClient.logIn(house.ergo.port, 'alice', 'IRCV3BEARER', token, 'draft/read-marker');
  await untilIt(async () => {
    plain.says('MARKREAD #general');
    expect(await plain.hears('MARKREAD #general')).toContain(`timestamp=${inTheApp.sentAt}`);
  }, 'the server knows what was read in the app');

  browser.leaves();
  await isGone();
  const before = (await markerOf(alice)) ?? 0;
  const inTheClient = await archived('read in a plain client');
  plain.says(`MARKREAD #general timestamp=${inTheClient.sentAt}`);
  await plain.hears(`timestamp=${inTheClient.sentAt}`);
  expect(await markerOf(alice)).toBe(before);
  const back = await house.member('alice', '#general');
  await untilIt(async () => expect(await markerOf(alice)).toBeGreaterThan(before), 'the appliance knows what was read in the plain client');
  for (const one of [back, plain]) one.leaves();
});

it('a direct message wakes a member whose browser is closed, also after a restart; others see the member as away', async () => {
  await house.control.database
    .insertInto('push_subscriptions')
    .values({
      ...{ id: 's1', account_id: alice.id, endpoint: 'https://push.example/1', p256dh: 'x', auth: 'x', user_agent: null },
      ...{ created_at: new Date().toISOString(), delivered_at: null, last_error: null },
    })
    .execute();
  const browser = await house.member('alice', '#general');
  bob.forgets();
  browser.leaves();
  await bob.hears(isAway, 'alice away');
  const sent = await bob.says('message', text('bob', 'alice', 'are you there?'));
  const { path, secret, body } = await hasBeenTold('are you there?');
  expect(path).toBe('/internal/direct-messages');
  expect(secret).toBe(`Bearer ${loadSecret(house.settings.dataFolder, 'internal')}`);
  expect(body).toMatchObject({ account: 'alice', from: 'bob', id: sent.object.id, at: sent.published, team: 'orbit' });
  expect(body['conversation']).toMatch(/^bob@/);

  const again = new Promise((resolve) => bob.socket.once('connect', () => resolve(undefined)));
  await house.restartGateway();
  await again;
  await house.enter(bob, 'bob', '#general');
  await untilIt(async () => bob.says('message', text('bob', 'alice', 'and now?')), 'alice is there again');
  await hasBeenTold('and now?');
  const back = await house.member('alice', '#general');
  await back.hearsText('and now?');
  back.leaves();
});

it('without a browser to wake, a session ends with its grace', async () => {
  await house.control.database.deleteFrom('push_subscriptions').execute();
  const browser = await house.member('alice', '#general');
  bob.forgets();
  browser.leaves();
  await bob.hears(({ type, actor }) => type === 'leave' && actor.name === 'alice', 'alice leaving');
});
