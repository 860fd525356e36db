import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIrcPlatform } from '../../server/gateway/platforms/irc/irc.ts';
import { findFreePort } from '../support/ports.ts';
import type { Browser } from './support/browser.ts';
import { House, irc, place, quick, text } from './support/house.ts';
import { startNgircd } from './support/ngircd.ts';
import type { ServerProcess } from './support/process.ts';

const PLAIN = 'localhost';
let port: number;
let house: House;
let server: ServerProcess;
let alice: Browser;
let bob: Browser;

const plain = (name: string, type: string, parts: object = {}): Record<string, unknown> => irc(name, type, { ...parts, server: PLAIN });
const say = (name: string, target: string, content: string): Record<string, unknown> => text(name, target, content, {}, PLAIN);
const credentials = (name: string, more: object = {}): Record<string, unknown> =>
  plain(name, 'credentials', { object: { type: 'credentials', nick: name, server: PLAIN, port, secure: false, ...more } });

async function enter(browser: Browser, name: string, ...rooms: string[]): Promise<void> {
  await browser.says('credentials', credentials(name));
  await browser.says('message', plain(name, 'connect'));
  for (const room of rooms) await browser.says('message', plain(name, 'join', { target: place(room, PLAIN) }));
}

beforeAll(async () => {
  port = await findFreePort();
  house = await House.open({
    inside: [`${PLAIN}:${port}`],
    platforms: [createIrcPlatform({ timings: quick, flood: { burst: 20, every: 50 } })],
  });
  server = await startNgircd(path.join(house.folder, 'ngircd'), port);
  alice = await house.browser('alice');
  bob = await house.browser('bob');
  await enter(alice, 'alice', '#plain');
  await enter(bob, 'bob', '#plain');
  await alice.hears(({ type, actor }) => type === 'join' && actor.name === 'bob', 'bob coming');
});
afterAll(async () => {
  await house.close();
  await server.stop();
});

describe('a server that knows RFC 1459 only', () => {
  it('a room has no more features than the server has, and verbs beyond them say so', async () => {
    const { object } = await alice.says('message', plain('alice', 'join', { target: place('#plain', PLAIN) }));
    expect(object.features).toEqual(['invitations', 'markers']);
    expect(object.members.sort()).toEqual(['alice', 'bob']);
    const reaction = { type: 'reaction', id: 'x', content: '👍' };
    for (const [type, it] of [
      ['add', reaction],
      ['delete', { type: 'message', id: 'x' }],
      ['update', { type: 'message', id: 'x', content: 'y' }],
      ['announce', { type: 'typing', state: 'active' }],
      ['query', { type: 'history', limit: 5 }],
    ] as const) {
      const answer = await alice.asks('message', plain('alice', type, { target: place('#plain', PLAIN), object: it }));
      expect(answer.errorCode, type).toBe('KOSMOS_ERR_NOT_SUPPORTED');
    }
  });

  it('messages are acknowledged with an id, heard once, and never cut', async () => {
    const said = await alice.says('message', say('alice', '#plain', 'to: all : of you'));
    expect(said.object.id).toMatch(/^~/);
    const heard = await bob.hearsText('to: all : of you');
    expect(heard.object.id).toBeTruthy();
    expect(alice.heard.some(({ object }) => object?.content === 'to: all : of you')).toBe(false);
  });

  it('long texts are split between characters and at lines; none is truncated', async () => {
    const line = 'Grüße an alle, 世界! 👩‍👩‍👧 '.repeat(60).trim();
    const said = await alice.says('message', say('alice', '#plain', `${line}\nlast line`));
    let whole = '';
    for (let part = 0; part < said.object.parts.length; part += 1) {
      const { object } = await bob.hears(({ type, actor }) => type === 'send' && actor.name === 'alice', 'a part');
      if (object.content === 'last line') break;
      whole += object.content;
    }
    // The server drops spaces at the end of a line.
    expect(whole.replaceAll(' ', '')).toBe(line.replaceAll(' ', ''));
  });

  it('more at once than the network likes goes out as slowly as it likes, in order, and nothing is dropped', async () => {
    const began = performance.now();
    const contents = Array.from({ length: 45 }, (_, index) => `in a hurry ${index}`);
    const answers = await Promise.all(contents.map((content) => alice.asks('message', say('alice', '#plain', content))));
    expect(answers.filter(({ error }) => error !== undefined)).toEqual([]);
    // Twenty lines at once, then one in 50 ms.
    expect(performance.now() - began).toBeGreaterThan(1_000);
    for (const content of contents) {
      const heard = await bob.hears(({ type, actor }) => type === 'send' && actor.name === 'alice', content);
      expect(heard.object.content).toBe(content);
    }
  });

  it('topic, nick, kick, modes and quit are heard', async () => {
    await alice.says('message', plain('alice', 'update', { target: place('#plain', PLAIN), object: { type: 'topic', content: 'plain' } }));
    await bob.hears(({ object }) => object?.type === 'topic' && object.content === 'plain', 'the topic');
    const relationship = {
      type: 'relationship',
      relationship: 'role',
      subject: { type: 'presence', role: 'participant' },
      object: place('#plain', PLAIN),
    };
    await alice.says('message', plain('alice', 'add', { target: place('bob', PLAIN), object: relationship }));
    await bob.hears(({ type, object }) => type === 'add' && object?.subject?.role === 'participant', 'the rank');

    await bob.says('message', plain('bob', 'update', { target: place('robert', PLAIN), object: { type: 'address' } }));
    const renamed = await alice.hears(({ object }) => object?.type === 'address', 'the new nick');
    expect(renamed).toMatchObject({ actor: { name: 'bob' }, target: { name: 'robert' } });
    // Both ids lead to the session now.
    await bob.says('message', { ...say('robert', '#plain', 'it is me') });
    expect((await alice.hearsText('it is me')).actor.name).toBe('robert');
    await bob.says('message', say('bob', '#plain', 'still me'));
    await alice.hearsText('still me');

    await alice.says('message', plain('alice', 'kick', { target: place('#plain', PLAIN), object: { type: 'person', name: 'robert' } }));
    await bob.hears(({ type, actor, object }) => type === 'leave' && actor.name === 'robert' && object.how === 'kick', 'the kick');
  });

  it('refusals belong to the request that they answer', async () => {
    await alice.says('message', plain('alice', 'join', { target: place('#locked', PLAIN) }));
    await alice.says(
      'message',
      plain('alice', 'update', { target: place('#locked', PLAIN), object: { type: 'mode', content: '+k secret' } }),
    );
    // 475 ERR_BADCHANNELKEY
    const [refused, fine] = await Promise.all([
      bob.asks('message', plain('bob', 'join', { target: place('#locked', PLAIN) })),
      bob.asks('message', plain('bob', 'join', { target: place('#open', PLAIN) })),
    ]);
    expect(refused).toMatchObject({ errorCode: 'KOSMOS_ERR_SERVER_REFUSED', error: expect.stringContaining('#locked') });
    expect(fine.error).toBeUndefined();
    await bob.says('message', plain('bob', 'join', { target: { ...place('#locked', PLAIN), key: 'secret' } }));
    // 482 ERR_CHANOPRIVSNEEDED
    const topic = { target: place('#locked', PLAIN), object: { type: 'topic', content: 'mine' } };
    await alice.says('message', plain('alice', 'update', { target: place('#locked', PLAIN), object: { type: 'mode', content: '+t' } }));
    expect(await bob.asks('message', plain('bob', 'update', topic))).toMatchObject({ errorCode: 'KOSMOS_ERR_SERVER_REFUSED' });
    expect(await bob.asks('message', say('bob', 'nobody', 'hi'))).toMatchObject({ errorCode: 'KOSMOS_ERR_SERVER_REFUSED' });
    await bob.says('message', say('bob', '#open', 'goes on'));
  });

  it('after a restart of the server it reconnects, joins every room again and tells each step', async () => {
    alice.forgets();
    await server.stop('SIGKILL');
    await alice.hears(({ object }) => object?.type === 'connection' && object.state === 'disconnected', 'the break');
    const meanwhile = await alice.asks('message', say('alice', '#plain', 'lost?'));
    expect(meanwhile).toMatchObject({ errorCode: 'KOSMOS_ERR_NOT_CONNECTED' });
    server = await startNgircd(path.join(house.folder, 'ngircd'), port);
    await alice.hears(({ object }) => object?.type === 'connection' && object.state === 'connecting', 'the attempt');
    await alice.hears(({ object }) => object?.type === 'connection' && object.state === 'connected', 'the connection');
    const rejoined = new Set<string>();
    while (rejoined.size < 2)
      rejoined.add((await alice.hears(({ type, object }) => type === 'join' && object?.type === 'room', 'a room')).target?.name ?? '');
    expect([...rejoined].sort()).toEqual(['#locked', '#plain']);
    await alice.says('message', say('alice', '#plain', 'back'));
  });
});

describe('a session to a server that is not ours', () => {
  it('outlives the browser, and comes back after a restart of the gateway in its rooms', async () => {
    const carol = await house.browser('carol');
    await enter(carol, 'carol', '#stays', '#leaves');
    await carol.says('message', plain('carol', 'leave', { target: place('#leaves', PLAIN) }));
    await enter(alice, 'alice', '#stays');
    carol.leaves();
    await expect.poll(async () => (await house.health()).sockets).toBe(2);
    await alice.says('message', say('alice', 'carol', 'are you there?'));
    await alice.says('message', say('alice', '#stays', 'carol is gone'));
    const back = await house.browser('carol');
    await back.says('credentials', credentials('carol'));
    await back.says('message', plain('carol', 'connect'));
    await back.hears(({ type, target }) => type === 'join' && target?.name === '#stays', 'the room');
    expect((await back.hearsText('are you there?')).actor.name).toBe('alice');
    await back.hearsText('carol is gone');
    back.leaves();

    const rows = await house.control.database.selectFrom('gateway_sessions').selectAll().execute();
    expect(rows.length).toBeGreaterThan(1);
    expect(JSON.stringify(rows)).not.toContain('6667');

    await house.restartGateway();
    await alice.connected();
    await enter(alice, 'alice', '#stays');
    for (;;) {
      const { object } = await alice.says(
        'message',
        plain('alice', 'query', { target: place('#stays', PLAIN), object: { type: 'attendance' } }),
      );
      if (object.members.includes('carol')) break;
      await alice.hears(({ type, actor }) => type === 'join' && actor.name === 'carol', 'carol coming back');
    }
    const again = await house.browser('carol');
    await again.says('credentials', credentials('carol'));
    await again.says('message', plain('carol', 'connect'));
    const room = await again.hears(({ type, object }) => type === 'join' && object?.type === 'room', 'the room');
    expect(room.target?.name).toBe('#stays');
    await again.says('message', plain('carol', 'disconnect'));
    await alice.hears(({ type, actor }) => type === 'leave' && actor.name === 'carol', 'carol gone');
    const left = await house.control.database.selectFrom('gateway_sessions').select('actor_id').execute();
    expect(left.map(({ actor_id }) => actor_id)).not.toContain(`carol@${PLAIN}`);
  });

  it('a server password is asked for, kept sealed, and never sent back', async () => {
    const guarded = await findFreePort();
    const other = await startNgircd(path.join(house.folder, 'guarded'), guarded, 'open-sesame');
    const dora = await house.browser('dora');
    const present = (more: object): Promise<unknown> =>
      dora.says(
        'credentials',
        plain('dora', 'credentials', {
          object: { type: 'credentials', nick: 'dora', server: PLAIN, port: guarded, secure: false, ...more },
        }),
      );
    try {
      house.policy.inside.push(`${PLAIN}:${guarded}`);
      await present({});
      const refused = await dora.asks('message', plain('dora', 'connect'));
      expect(refused.error).toMatch(/password/i);
      expect(JSON.stringify(await present({ serverPassword: 'open-sesame' }))).not.toContain('open-sesame');
      const connected = await dora.says('message', plain('dora', 'connect'));
      expect(connected.object.state).toBe('connected');
      const rows = await house.control.database.selectFrom('gateway_sessions').selectAll().where('actor_id', 'like', 'dora@%').execute();
      expect(rows).toHaveLength(1);
      expect(JSON.stringify(rows)).not.toContain('sesame');
      // Credentials without the password mean the kept one.
      await present({});
      expect((await dora.says('message', plain('dora', 'connect'))).object.state).toBe('connected');
      await dora.says('message', plain('dora', 'disconnect'));
    } finally {
      await other.stop();
    }
  });
});
