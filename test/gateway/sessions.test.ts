import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser, Heard } from './support/browser.ts';
import { DOMAIN, House, irc, text } from './support/house.ts';

let house: House;
let bob: Browser;
beforeAll(async () => {
  house = await House.open({ limits: { grace: 400 } });
  bob = await house.member('bob', '#general');
});
afterAll(() => house.close());

const credentials = (name: string): Record<string, unknown> =>
  irc(name, 'credentials', { object: { type: 'credentials', nick: name, server: DOMAIN } });
const isJoinOf = (name: string) => (activity: Heard) => activity.type === 'join' && activity.actor.name === name;
const isLeaveOf = (name: string) => (activity: Heard) => activity.type === 'leave' && activity.actor.name === name;

describe('a session', () => {
  it('does in order what a client says without waiting', async () => {
    const anna = await house.browser('anna');
    const answers = await Promise.all([
      anna.says('credentials', credentials('anna')),
      anna.says('message', irc('anna', 'connect')),
      anna.says('message', irc('anna', 'join', { target: '#general' })),
      ...Array.from({ length: 30 }, (_, index) => anna.says('message', text('anna', '#general', `in order ${index}`))),
    ]);
    expect(answers[2]?.object.members).toContain('anna');
    for (let index = 0; index < 30; index += 1) {
      const heard = await bob.hears(({ object }) => String(object?.content).startsWith('in order'), 'the next text');
      expect(heard.object.content).toBe(`in order ${index}`);
    }
    anna.leaves();
  });

  it('is not begun twice by a replay, which is answered with the state of the rooms', async () => {
    const carla = await house.member('carla', '#general');
    await bob.hears(isJoinOf('carla'), 'carla coming');
    bob.forgets();
    await carla.says('credentials', credentials('carla'));
    const connected = await carla.says('message', irc('carla', 'connect'));
    expect(connected.object).toMatchObject({ type: 'connection', state: 'connected' });
    const joined = await carla.says('message', irc('carla', 'join', { target: '#general' }));
    expect(joined.object).toMatchObject({ type: 'room', members: expect.arrayContaining(['bob', 'carla']) });
    await carla.says('message', text('carla', '#general', 'marker 1'));
    await bob.hearsText('marker 1');
    expect(bob.heard.filter(({ actor }) => actor.name === 'carla')).toEqual([]);
    carla.leaves();
  });

  it('is shared by the sockets of an account: each hears what the other did, once', async () => {
    const first = await house.member('dora', '#general');
    const second = await house.browser('dora');
    await second.says('credentials', credentials('dora'));
    await second.says('message', irc('dora', 'connect'));
    const room = await second.hears(({ type, object }) => type === 'join' && object?.type === 'room', 'the room');
    expect(room).toMatchObject({ target: { name: '#general' }, object: { members: expect.arrayContaining(['bob', 'dora']) } });

    const said = await first.says('message', text('dora', '#general', 'from the first'));
    const heard = await second.hearsText('from the first');
    expect(heard).toMatchObject({ actor: { name: 'dora' }, object: { id: said.object.id } });
    await bob.says('message', text('bob', '#general', 'marker 2'));
    await Promise.all([first.hearsText('marker 2'), second.hearsText('marker 2')]);
    for (const who of [first, second]) expect(who.heard.filter(({ object }) => object?.content === 'from the first')).toEqual([]);

    first.leaves();
    await second.says('message', text('dora', '#general', 'still connected'));
    expect((await house.control.database.selectFrom('gateway_sessions').selectAll().execute()).length).toBe(0);
    second.leaves();
  });

  it('hears what another client of the account says on the server', async () => {
    const first = await house.member('erik', '#general');
    const other = await house.browser('erik');
    const actor = { type: 'person', id: `erik@${DOMAIN}/phone`, name: 'erik' };
    await other.says('credentials', { ...credentials('erik'), actor });
    await other.says('message', { ...irc('erik', 'connect'), actor });
    await other.says('message', { ...irc('erik', 'join', { target: '#general' }), actor });
    await other.says('message', { ...text('erik', '#general', 'from my phone'), actor });
    expect((await first.hearsText('from my phone')).actor.name).toBe('erik');
    first.leaves();
    other.leaves();
  });

  it('to the team’s server outlives a short absence and no longer', async () => {
    const frida = await house.member('frida', '#general');
    await bob.hears(isJoinOf('frida'), 'frida coming');
    frida.socket.disconnect();
    frida.socket.connect();
    await frida.connected();
    await house.enter(frida, 'frida', '#general');
    await frida.says('message', text('frida', '#general', 'back in time'));
    await bob.hearsText('back in time');
    expect(bob.heard.filter(isLeaveOf('frida'))).toEqual([]);
    frida.leaves();
    await bob.hears(isLeaveOf('frida'), 'frida leaving');
  });

  it('tells its state on /health', async () => {
    const health = await house.health();
    expect(health).toMatchObject({ status: 'ok' });
    expect(health.sockets).toBeGreaterThan(0);
    expect(health.sessions).toBeGreaterThan(0);
  });
});
