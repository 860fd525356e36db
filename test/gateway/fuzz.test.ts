import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from './support/browser.ts';
import { DOMAIN, House, irc, place, text } from './support/house.ts';

const ROUNDS = 10_000;
const AT_ONCE = 100;

let house: House;
let mole: Browser;
let witness: Browser;
beforeAll(async () => {
  house = await House.open({ limits: { perSecond: 1e6, burst: 1e6, grace: 100 } });
  mole = await house.member('mole', '#fuzz');
  witness = await house.member('witness', '#watch');
});
afterAll(() => house.close());

/** A generator of numbers that gives the same row every time (mulberry32), so that a failure can be repeated. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const room = '#fuzz';
const relationship = {
  type: 'relationship',
  relationship: 'role',
  subject: { type: 'presence', role: 'participant' },
  object: place(room),
};
const valid: readonly (() => [event: string, request: unknown])[] = [
  () => ['credentials', irc('mole', 'credentials', { object: { type: 'credentials', nick: 'mole', server: DOMAIN } })],
  () => ['message', irc('mole', 'connect')],
  () => ['message', irc('mole', 'join', { target: room })],
  () => ['message', irc('mole', 'leave', { target: '#other' })],
  () => ['message', text('mole', room, 'hello', { replyTo: 'abc', attachments: [{ url: 'https://example.org/a' }] })],
  () => ['message', irc('mole', 'send', { target: 'nobody', object: { type: 'me', content: 'waves' } })],
  () => ['message', irc('mole', 'update', { target: room, object: { type: 'topic', content: 'topic' } })],
  () => ['message', irc('mole', 'update', { target: room, object: { type: 'mode', content: '+m' } })],
  () => ['message', irc('mole', 'update', { object: { type: 'presence', presence: 'away', content: 'x' } })],
  () => ['message', irc('mole', 'update', { target: room, object: { type: 'message', id: 'abc', content: 'x' } })],
  () => ['message', irc('mole', 'update', { target: 'mole2', object: { type: 'address' } })],
  () => ['message', irc('mole', 'delete', { target: room, object: { type: 'message', id: 'abc' } })],
  () => ['message', irc('mole', 'add', { target: room, object: { type: 'reaction', id: 'abc', content: '👍' } })],
  () => ['message', irc('mole', 'remove', { target: 'witness', object: relationship })],
  () => ['message', irc('mole', 'announce', { target: room, object: { type: 'typing', state: 'active' } })],
  () => ['message', irc('mole', 'read', { target: room, object: { type: 'marker', published: '2026-01-01T00:00:00.000Z' } })],
  () => ['message', irc('mole', 'query', { target: room, object: { type: 'attendance' } })],
  () => ['message', irc('mole', 'query', { target: room, object: { type: 'history', before: 'abc', limit: 5 } })],
  () => ['message', irc('mole', 'query', { target: 'witness', object: { type: 'whois' } })],
  () => ['message', irc('mole', 'kick', { target: room, object: { type: 'person', name: 'witness' } })],
  () => ['message', irc('mole', 'ban', { target: room, object: { type: 'person', name: 'x!*@*' } })],
  () => ['message', irc('mole', 'invite', { target: room, object: { type: 'person', name: 'witness' } })],
  () => ['schemas', null],
  () => ['activity-object', { id: `mole@${DOMAIN}`, type: 'person', name: 'mole' }],
];

const strange: readonly unknown[] = [
  ...[
    null,
    undefined,
    0,
    -1,
    1e308,
    Number.NaN,
    true,
    '',
    ' ',
    '\r\nQUIT :x',
    '\0',
    '\u0001ACTION',
    ':colon',
    '#',
    '#a,#b',
    '#a b',
    '@',
    '*',
  ],
  ...[
    'a'.repeat(600),
    '\ud800',
    '👩‍👩‍👧',
    '__proto__',
    'constructor',
    [],
    [[]],
    {},
    { type: 'x' },
    { toString: null },
    ['a', 'b', 'c'],
    '0',
    '&x',
  ],
  ...[
    `mole@${DOMAIN}`,
    'x@y',
    'irc',
    'https://www.w3.org/ns/activitystreams',
    Buffer.from([0xff, 0xfe]),
    '2026-99-99T00:00:00Z',
    '+oooooooooo',
  ],
];
const fieldNames = [
  'type',
  'actor',
  'target',
  'object',
  'id',
  'name',
  'content',
  '@context',
  'context',
  'published',
  'limit',
  'before',
  'after',
  '__proto__',
  'key',
];

type Fields = Record<string, unknown>;

function isPlain(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array);
}

/** Changes a valid request in one to three places: another value, a field less, a field more, a part of another. */
function mutate(request: unknown, random: (below: number) => number): unknown {
  if (typeof request !== 'object' || request === null) return random(2) === 0 ? request : strange[random(strange.length)];
  const copy = structuredClone(request) as Fields;
  for (let change = 0; change <= random(3); change += 1) {
    let place: Fields = copy;
    for (let depth = random(3); depth > 0; depth -= 1) {
      const inner = Object.values(place).filter(isPlain);
      place = inner[random(inner.length || 1)] ?? place;
    }
    const keys = Object.keys(place);
    const key = random(4) === 0 ? (fieldNames[random(fieldNames.length)] ?? 'id') : (keys[random(keys.length || 1)] ?? 'type');
    if (random(4) === 0) Reflect.deleteProperty(place, key);
    else place[key] = structuredClone(random(6) === 0 ? request : strange[random(strange.length)]);
  }
  return copy;
}

describe('ten thousand mutations of valid requests', () => {
  it('are each answered, and nobody else notices', async () => {
    const random = numbers(20261124);
    let failures = 0;
    let hidden = 0;
    for (let round = 0; round < ROUNDS; round += AT_ONCE) {
      const requests = Array.from({ length: AT_ONCE }, () => {
        const [event, request] = valid[random(valid.length)]!();
        const mutated = mutate(request, random);
        return mole.asks(event, mutated).catch((error: unknown) => {
          throw new Error(`no answer to ${event} ${JSON.stringify(mutated)}`, { cause: error });
        });
      });
      for (const answer of await Promise.all(requests)) {
        if (answer?.errorCode !== undefined) failures += 1;
        if (answer?.errorCode === 'KOSMOS_ERR_INTERNAL') hidden += 1;
      }
      // A mutation may have disconnected the session, kicked it out or renamed it.
      if (round % 1_000 === 0) await house.enter(mole, 'mole', '#fuzz').catch(() => undefined);
      mole.forgets();
    }
    expect(failures).toBeGreaterThan(ROUNDS / 3);
    expect(hidden).toBe(0);
    await witness.says('message', text('witness', '#watch', 'all well'));
    expect(mole.socket.connected).toBe(true);
  });
});
