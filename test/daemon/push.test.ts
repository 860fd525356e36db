import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { appendMessages } from '../../server/archive/append.ts';
import type { NewMessage } from '../../server/archive/message.ts';
import { findUnread, moveMarker, setLevel } from '../../server/archive/unread.ts';
import { createHttp, type DaemonHttp } from '../../server/daemon/http.ts';
import { Attention } from '../../server/daemon/push/attention.ts';
import { internalRoutes } from '../../server/daemon/internal.ts';
import { Focus } from '../../server/daemon/push/focus.ts';
import { Herald } from '../../server/daemon/push/herald.ts';
import { storePreferences } from '../../server/daemon/push/preferences.ts';
import { Pusher } from '../../server/daemon/push/pusher.ts';
import { pushRoutes } from '../../server/daemon/push/routes.ts';
import { PushService } from '../../server/daemon/push/service.ts';
import { addSubscription, findSubscriptions } from '../../server/daemon/push/subscriptions.ts';
import { loadVapid } from '../../server/daemon/push/vapid.ts';
import type { Database } from '../../server/database/database.ts';
import { ControlClient } from '../../server/foundation/control-client.ts';
import { readSettings } from '../../server/foundation/settings.ts';
import { topologyOf } from '../../server/foundation/topology.ts';
import type { Account } from '../../server/identity/accounts.ts';
import { createSession } from '../../server/identity/sessions.ts';
import type { Channel } from '../../server/teams/channels.ts';
import type { Team } from '../../server/teams/teams.ts';
import { onBothDialects } from '../support/databases.ts';
import { People } from '../support/people.ts';
import { startControl } from './support/control.ts';
import { eventually } from '../support/eventually.ts';
import { FakePushService } from './support/push-service.ts';

const logger = pino({ level: 'silent' });
const never = (): never => {
  throw new Error('not asked for here');
};

onBothDialects('push', ({ create }) => {
  let folder: string, database: Database, people: People, team: Team, channel: Channel, alice: Account, bob: Account;
  let fake: FakePushService, service: PushService, attention: Attention, app: DaemonHttp, cookie: string;
  let control: Awaited<ReturnType<typeof startControl>>;
  const focus = new Focus();
  let count = 0;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'kosmos-push-'));
    const settings = readSettings({ KOSMOS_DATA: folder });
    mkdirSync(topologyOf(settings).runFolder, { recursive: true });
    database = await create();
    people = new People(database);
    team = await people.team('Acme', 'irc');
    alice = await people.member(team, 'alice');
    bob = await people.member(team, 'bob');
    channel = await people.channel(team, 'general');
    fake = await FakePushService.start();
    const place = new URL(fake.endpointOf('')).host;
    service = new PushService(loadVapid(folder, 'chat.test'), async () => ['127.0.0.1'], new Set([place]));
    attention = new Attention(people.outbox, new Herald(database, new Pusher(database, service, logger, [0.05, 0.1]), focus), logger);
    control = await startControl(settings, people.outbox);
    app = createHttp(logger, () => ({}));
    pushRoutes(app, { database, control: new ControlClient(settings), attention: () => attention, focus });
    internalRoutes(app, { database, secret: 'inside', attention: () => attention, outgoing: () => ({ test: never, repeat: never }) });
    cookie = `kosmos_session=${(await createSession(database, alice, { kind: 'browser' })).token}`;
  });
  afterEach(async () => {
    fake.received.length = 0;
    fake.answers.length = 0;
    await database.deleteFrom('push_subscriptions').execute();
  });
  afterAll(async () => {
    await attention?.close();
    await app?.close();
    await control?.stop();
    await fake?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const say = async (text: string, more: Partial<NewMessage> = {}): Promise<string> => {
    const id = `m${++count}`;
    const message: NewMessage = { id, kind: 'text', nick: 'bob', account: 'bob', text, sentAt: new Date().toISOString(), ...more };
    const messages = await appendMessages(database, channel.id, [message]);
    await attention.take({ channelId: channel.id, messages, times: [message.sentAt], live: true });
    await attention.idle();
    return id;
  };
  const subscribe = (name: string) => addSubscription(database, alice.id, fake.subscribe(name));
  const untilReceived = (number = 1) => eventually(`push ${number}`, () => fake.received.length >= number && fake.received, 3_000);
  const unread = async (account: Account) => (await findUnread(database, account)).find((each) => each.channel === channel.id)!;
  const place = () => ({ conversation: channel.id, channel: channel.id, channelName: 'general', team: team.slug });
  const mark = (upTo: string, account = alice) => people.outbox.change((change) => moveMarker(change, account, channel, upTo));
  /** Figures are told, not asserted: the machine may be busy. */
  const report = (figure: string): void => console.info(figure);
  /** The same, and the daemon hears of it as it would by control's events. */
  const read = async (upTo: string): Promise<boolean> => {
    const cursor = await people.outbox.findLatest();
    const isMoved = await mark(upTo);
    for (const event of await people.outbox.findAfter(cursor)) await attention.apply(event);
    return isMoved;
  };
  const inside = (path: string, body: object, authorization = 'Bearer inside') =>
    app.inject({
      ...{ method: 'POST', url: `/internal/direct-messages${path}`, payload: JSON.stringify(body) },
      headers: { authorization, 'content-type': 'application/json' },
    });
  const direct = (id: string, more: object = {}) => ({
    ...{ account: 'alice', from: 'bob', id, text: 'psst', at: new Date().toISOString(), conversation: 'irc bob' },
    ...more,
  });

  const ask = (method: 'GET' | 'POST' | 'PUT', url: string, body?: object, headers: Record<string, string> = { cookie }) =>
    app.inject({
      method,
      url: `/web-push/${url}`,
      headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { payload: JSON.stringify(body) } : {}),
    });

  it('brings a mention at once, encrypted and signed, collapsed by channel', async () => {
    await subscribe('a');
    const start = performance.now();
    const id = await say('alice: are you there? ☎');
    const [push] = await untilReceived();
    report(`a mention was pushed after ${Math.round(performance.now() - start)} ms`);
    expect(push!.payload).toEqual({
      ...{
        type: 'message',
        kind: 'mention',
        ...place(),
        id,
        nick: 'bob',
        text: 'alice: are you there? ☎',
      },
    });
    expect(push!.headers).toMatchObject({ urgency: 'high', 'content-encoding': 'aes128gcm', ttl: '86400' });
    expect(push!.headers.topic).toMatch(/^[\w-]{1,32}$/);
    expect(push!.claims).toMatchObject({ sub: 'mailto:postmaster@chat.test', aud: fake.endpointOf('').replace(/\/$/, '') });
    expect(statSync(path.join(folder, 'secrets/vapid')).mode & 0o777).toBe(0o600);
    await say('alice again');
    const both = await untilReceived(2);
    expect(both[1]!.headers.topic).toBe(push!.headers.topic);
  });

  it('wakes nobody for others’ words, own words, old words, a channel that is silenced, or who is looking', async () => {
    await subscribe('b');
    await say('nothing for anybody');
    await say('alice speaks of alice', { nick: 'alice', account: 'alice' });
    await say('alice, long ago', { sentAt: new Date(Date.now() - 3_600_000).toISOString() });
    await setLevel(database, alice.id, channel.id, 'none');
    await say('alice: silenced');
    await setLevel(database, alice.id, channel.id, 'mentions');
    await ask('POST', 'focus', { focused: true });
    await say('alice: looking');
    await ask('POST', 'focus', { focused: false });
    await say('alice: now');
    const words = (): unknown[] => fake.received.filter(({ payload }) => payload.type === 'message').map(({ payload }) => payload.text);
    expect(words()).toEqual(['alice: now']);
    await setLevel(database, alice.id, channel.id, 'all');
    await say('for those who want everything');
    expect(words()).toEqual(['alice: now', 'for those who want everything']);
    await setLevel(database, alice.id, channel.id, 'mentions');
  });

  it('says only that there is something, and nothing in quiet hours, where the member wants it so', async () => {
    await subscribe('c');
    const quiet = { showsContent: false, quietFrom: '00:00', quietUntil: '23:59', timeZone: 'UTC' };
    const now = new Date().toISOString().slice(11, 16);
    if (now !== '23:59') {
      expect((await ask('PUT', 'preferences', quiet)).statusCode).toBe(200);
      await say('alice: sleep');
    }
    await storePreferences(database, alice.id, { ...quiet, quietFrom: null, quietUntil: null });
    const id = await say('alice: a secret');
    const received = await untilReceived();
    expect(received.map(({ payload }) => payload)).toEqual([{ type: 'message', kind: 'mention', ...place(), id }]);
    await storePreferences(database, alice.id, { ...quiet, showsContent: true, quietFrom: null, quietUntil: null });
  });

  it('forgets a browser that is gone, and only such; tries others again, with the newest of a channel', async () => {
    await subscribe('d');
    fake.answers.push({ status: 500 });
    await say('alice: first');
    expect((await untilReceived())[0]!.payload.text).toBe('alice: first');
    fake.answers.push({ status: 429, headers: { 'retry-after': '1' } });
    await say('alice: overtaken');
    await eventually('the refused attempt', () => fake.answers.length === 0);
    await say('alice: newest');
    await untilReceived(2);
    for (const status of [400, 403, 413, 503]) {
      fake.answers.push({ status });
      await say(`alice: ${status}`);
      await eventually(`the answer ${status}`, () => fake.answers.length === 0);
      expect(await findSubscriptions(database, alice.id)).toHaveLength(1);
    }
    await eventually('the second attempt', () => fake.received.some(({ payload }) => payload.text === 'alice: 503'));
    expect(fake.received.map(({ payload }) => payload.text)).not.toContain('alice: overtaken');
    for (const status of [404, 410]) {
      await subscribe(`gone${status}`);
      await database.deleteFrom('push_subscriptions').where('endpoint', '=', fake.endpointOf('d')).execute();
      fake.answers.push({ status });
      await say('alice: gone?');
      await eventually('the end of the subscription', async () => (await findSubscriptions(database, alice.id)).length === 0);
    }
  });

  it('keeps unread and mentions, and takes back what was read elsewhere', async () => {
    const start = await say('here we go');
    await mark(start);
    expect(await unread(alice)).toMatchObject({ unread: 0, mentions: 0, lastRead: start, level: 'mentions' });
    await subscribe('e');
    await say('one');
    const second = await say('alice: two');
    await untilReceived();
    const answer = await say('an answer', { replyTo: 'mine' });
    expect(await unread(alice)).toMatchObject({ unread: 3, mentions: 1, lastRead: start });
    expect(await unread(bob)).toMatchObject({ unread: 0, mentions: 0, lastRead: answer });
    expect(await read(second)).toBe(true);
    expect((await untilReceived(2))[1]!.payload).toEqual({ type: 'read', conversation: channel.id });
    expect(await unread(alice)).toMatchObject({ unread: 1, mentions: 0, lastRead: second });
    expect(await read(start)).toBe(false);
    const mine = await say('mine', { nick: 'alice', account: 'alice' });
    expect(await unread(alice)).toMatchObject({ unread: 0, lastRead: mine });
    await say('to that', { replyTo: mine });
    expect(await unread(alice)).toMatchObject({ unread: 1, mentions: 1 });
  });

  it('leaves a push that still says something true, and forgets none over a restart', async () => {
    await subscribe('h');
    const first = await say('alice: one');
    const second = await say('alice: two');
    await untilReceived(2);
    await read(first);
    await attention.idle();
    expect(fake.received).toHaveLength(2);
    attention = new Attention(people.outbox, new Herald(database, new Pusher(database, service, logger, [0.05, 0.1]), focus), logger);
    await read(second);
    expect((await untilReceived(3))[2]!.payload).toEqual({ type: 'read', conversation: channel.id });
  });

  it('brings a direct message that the gateway tells of, once, as its receiver wants it', async () => {
    await subscribe('i');
    const start = performance.now();
    expect((await inside('', direct('d1'))).statusCode).toBe(202);
    const [push] = await untilReceived();
    report(`a direct message was pushed after ${Math.round(performance.now() - start)} ms`);
    expect(push!.payload).toEqual({ type: 'message', kind: 'direct', conversation: 'irc bob', id: 'd1', nick: 'bob', text: 'psst' });
    expect(push!.headers.urgency).toBe('high');
    await inside('', direct('d1'));
    await inside('', direct('d0', { at: new Date(Date.now() - 3_600_000).toISOString() }));
    await ask('POST', 'focus', { focused: true });
    await inside('', direct('d2'));
    await attention.idle();
    await ask('POST', 'focus', { focused: false });
    const standard = { showsContent: true, quietFrom: null, quietUntil: null, timeZone: 'UTC' };
    await storePreferences(database, alice.id, { ...standard, showsContent: false });
    await inside('', direct('d3'));
    const both = await untilReceived(2);
    expect(both[1]!.payload).toEqual({ type: 'message', kind: 'direct', conversation: 'irc bob', id: 'd3' });
    expect(both[1]!.headers.topic).toBe(push!.headers.topic);
    await storePreferences(database, alice.id, standard);
    const withdrawn = (await inside('/read', { account: 'alice', conversation: 'irc bob' })).json();
    expect(withdrawn).toEqual({ withdrawn: true });
    expect((await untilReceived(3))[2]!.payload).toEqual({ type: 'read', conversation: 'irc bob' });
    expect((await inside('/read', { account: 'alice', conversation: 'irc bob' })).json()).toEqual({ withdrawn: false });
  });

  it('takes direct messages from the appliance’s own programs alone', async () => {
    for (const authorization of ['', 'Bearer other', `Bearer ${cookie}`]) {
      expect((await inside('', direct('d9'), authorization)).json()).toMatchObject({ code: 'KOSMOS_ERR_INTERNAL_ONLY' });
    }
    expect((await inside('', direct('d9', { account: 'nobody-here' }))).statusCode).toBe(404);
    for (const wrong of [{ text: 'x'.repeat(70_000) }, { at: 'today' }, { id: '' }, { conversation: 1 }]) {
      expect((await inside('', direct('d9', wrong))).statusCode).toBe(400);
    }
  });

  it('registers for the session’s account alone, and tests every hop', async () => {
    expect((await ask('GET', 'vapid-public-key', undefined, {})).body).toMatch(/^[\w-]{87}$/);
    const subscription = fake.subscribe('f');
    expect((await ask('POST', 'register', { user: 'bob', subscription }, {})).statusCode).toBe(401);
    const foreign = { cookie, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    expect((await ask('POST', 'register', { subscription }, foreign)).json()).toMatchObject({ code: 'KOSMOS_ERR_CROSS_ORIGIN' });
    expect((await ask('POST', 'register', { user: 'bob', subscription })).statusCode).toBe(201);
    expect(await findSubscriptions(database, bob.id)).toEqual([]);
    expect((await ask('POST', 'test')).json()).toMatchObject({
      browsers: [{ service: 'push.test', hops: [{ step: 'address', ok: true }, { step: 'connection' }, { step: 'answer', ok: true }] }],
    });
    expect(fake.received[0]!.payload).toEqual({ type: 'test' });
    for (const wrong of [
      {},
      { subscription: { endpoint: 'x' } },
      { subscription: { ...subscription, keys: { p256dh: 'x', auth: 'y' } } },
    ]) {
      expect((await ask('POST', 'register', wrong)).statusCode).toBe(400);
    }
    expect((await ask('POST', 'unregister', { subscription })).statusCode).toBe(204);
    expect(await findSubscriptions(database, alice.id)).toEqual([]);
  });

  it('connects to public addresses only', async () => {
    const guarded = new PushService(loadVapid(folder, 'chat.test'));
    const { keys } = fake.subscribe('g');
    expect(guarded.accepts(fake.endpointOf('g'))).toBe(false);
    for (const endpoint of ['http://push.test/x', 'https://127.0.0.1/x', 'https://[::1]/x', 'https://user@push.test/x', 'ftp://x', 'x']) {
      expect(guarded.accepts(endpoint)).toBe(false);
    }
    expect(guarded.accepts('https://updates.push.services.mozilla.com/wpush/v2/abc')).toBe(true);
    const { hops, status } = await guarded.send({ endpoint: 'https://localhost/x', keys }, { payload: {}, isUrgent: true });
    expect([status, hops]).toEqual([undefined, [{ step: 'address', ok: false, detail: 'localhost has no public address' }]]);
  });
});
