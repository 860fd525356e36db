import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createXmpp } from '../../server/gateway/platforms/xmpp/platform.ts';
import { codeOf, Member } from './support/member.ts';
import { DOMAIN, Prosody, ROOMS } from './support/prosody.ts';
import { frame, Wire } from './support/wire.ts';

let prosody: Prosody;
let wire: Wire;
const members: Member[] = [];

beforeAll(async () => {
  prosody = await Prosody.start({ accounts: ['alice', 'bob'] });
  wire = await Wire.to(prosody.httpPort);
});
afterEach(async () => {
  wire.open();
  await Promise.all(members.splice(0).map((member) => member.goes()));
});
afterAll(async () => {
  await wire.remove();
  await prosody.remove();
});

/** Alice sits behind the wire, bob beside the server. */
async function pair(room: string, options: ConstructorParameters<typeof Member>[2] = {}): Promise<[alice: Member, bob: Member]> {
  const resolve = () => Promise.resolve({ host: '127.0.0.1', port: wire.port });
  const alice = new Member(prosody, 'alice', { resolve, ...options });
  const bob = new Member(prosody, 'bob');
  members.push(alice, bob);
  await Promise.all([alice.connects(), bob.connects()]);
  await alice.joins(room);
  await bob.joins(room);
  await alice.hears({ type: 'join', actor: { name: 'bob' } });
  return [alice, bob];
}

describe('the connection breaks', () => {
  test('the stream is resumed: alice stays in the room, misses nothing and hears nothing twice', async () => {
    const [alice, bob] = await pair('#resumed');
    const from = alice.states.length;
    wire.shut();
    await alice.is('disconnected', from);
    await bob.says('#resumed', 'one');
    await bob.says('alice', 'two');
    wire.open();
    await alice.is('connected', from);
    await alice.hears({ type: 'send', object: { content: 'two' } });
    await bob.says('#resumed', 'three');
    await alice.hears({ type: 'send', object: { content: 'three' } });
    expect(alice.texts()).toEqual(['one']);
    expect(bob.inbox.filter(({ type }) => type === 'leave' || type === 'join')).toEqual([]);
    expect(alice.states.slice(from).map(({ state }) => state)).toEqual(expect.arrayContaining(['disconnected', 'connecting', 'connected']));
  });

  test('what alice says meanwhile fails at once and is not sent later', async () => {
    const [alice, bob] = await pair('#unsaid');
    wire.shut();
    await alice.is('disconnected');
    expect(await codeOf(alice.says('#unsaid', 'lost'))).toBe('KOSMOS_ERR_NOT_CONNECTED');
    const from = alice.states.length;
    wire.open();
    await alice.is('connected', from);
    await alice.says('#unsaid', 'said');
    await bob.hears({ type: 'send', object: { content: 'said' } });
    expect(bob.texts()).toEqual([]);
  });

  test('what was on its way when the wire died arrives once, and is acknowledged', async () => {
    const [alice, bob] = await pair('#underway');
    wire.swallow();
    const room = alice.says('#underway', 'into the void', { id: 'v-1' });
    const direct = alice.says('bob', 'into the void too', { id: 'v-2' });
    wire.cut();
    expect(await room).toMatchObject({ content: 'into the void', originId: 'v-1' });
    expect(await direct).toMatchObject({ content: 'into the void too', originId: 'v-2' });
    await bob.hears({ type: 'send', object: { content: 'into the void too' } });
    await alice.says('#underway', 'after');
    await bob.hears({ type: 'send', object: { content: 'after' } });
    expect(bob.texts()).toEqual(['into the void']);
  });

  test('a wire that only swallows is noticed', async () => {
    const platform = createXmpp({ silence: 300, answerTime: 300 });
    const [alice, bob] = await pair('#silent', { platform });
    const from = alice.states.length;
    wire.swallow();
    expect(await alice.is('disconnected', from)).toContain('does not answer');
    await alice.is('connected', from);
    await bob.says('#silent', 'there again');
    await alice.hears({ type: 'send', object: { content: 'there again' } });
  });

  test('silence alone is no fault', async () => {
    const platform = createXmpp({ silence: 50, answerTime: 2_000 });
    const [alice] = await pair('#quiet', { platform });
    const from = alice.states.length;
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(alice.states.slice(from)).toEqual([]);
  });
});

describe('the server dies', () => {
  test('alice is back in her room, is told what she missed in order, and nothing twice', async () => {
    const [alice, bob] = await pair('#restart');
    await bob.says('#restart', 'before');
    await alice.hears({ type: 'send', object: { content: 'before' } });
    await alice.says('#restart', 'mine');
    await bob.says('alice', 'direct before');
    await alice.hears({ type: 'send', object: { content: 'direct before' } });
    await bob.hears({ type: 'send', object: { content: 'mine' } });
    const [from, bobFrom] = [alice.states.length, bob.states.length];

    wire.shut();
    await prosody.kill();
    expect(await alice.is('disconnected', from)).toBeTruthy();
    await prosody.boot();
    await bob.is('connected', bobFrom);
    await bob.hears({ type: 'join', target: { id: `restart@${ROOMS}` }, object: { type: 'room' } });
    for (const text of ['missed 1', 'missed 2', 'missed 3']) await bob.says('#restart', text);
    await bob.says('alice', 'missed direct');
    expect(bob.texts()).toEqual([]);

    wire.open();
    await alice.is('connected', from);
    const state = await alice.hears({ type: 'join', target: { id: `restart@${ROOMS}` }, object: { type: 'room' } });
    expect(state.object?.['members']).toEqual(expect.arrayContaining(['alice', 'bob']));
    await bob.says('#restart', 'live');
    await alice.hears({ type: 'send', object: { content: 'live' } });
    await alice.hears({ type: 'send', actor: { id: `bob@${DOMAIN}` }, object: { content: 'missed direct' } });
    expect(alice.texts()).toEqual(['missed 1', 'missed 2', 'missed 3']);
    expect(await alice.says('#restart', 'I am back')).toMatchObject({ content: 'I am back' });
    expect(alice.states.slice(from).map(({ state: told }) => told)).toEqual(
      expect.arrayContaining(['disconnected', 'connecting', 'connected']),
    );
  });

  test('a message of which the dying server knew nothing is an error, not a loss', async () => {
    const [alice] = await pair('#dying');
    wire.swallow();
    const sent = codeOf(alice.says('#dying', 'anybody?'));
    const direct = codeOf(alice.says('bob', 'anybody?'));
    const from = alice.states.length;
    await prosody.kill();
    wire.cut();
    await prosody.boot();
    expect([await sent, await direct]).toEqual(['KOSMOS_ERR_CONNECTION_LOST', 'KOSMOS_ERR_CONNECTION_LOST']);
    await alice.is('connected', from);
    const { items } = await alice.asks({ type: 'history' }, '#dying');
    expect(items).toEqual([]);
  });
});

describe('the server talks nonsense', () => {
  test.each([
    ['half an element', frame('<message><body>')],
    ['an entity bomb', frame('<!DOCTYPE a [<!ENTITY b "bb">]><message>&b;</message>')],
    ['tags that cross', frame('<message><a></message></a>')],
    ['invalid UTF-8', frame(Buffer.from([0x3c, 0xff, 0xfe, 0x3e]))],
    ['a binary frame', frame('<presence/>', 2)],
    ['a frame of two megabytes', frame(`<message><body>${'x'.repeat(2_000_000)}</body></message>`)],
    ['no websocket at all', Buffer.from('HTTP/1.1 500 Oh no\r\n\r\n')],
  ])('%s: the stream ends and is resumed', async (_, nonsense) => {
    const [alice, bob] = await pair('#nonsense');
    const from = alice.states.length;
    wire.inject(nonsense);
    await alice.is('disconnected', from);
    await alice.is('connected', from);
    await bob.says('#nonsense', 'still there?');
    await alice.hears({ type: 'send', object: { content: 'still there?' } });
  });
});
