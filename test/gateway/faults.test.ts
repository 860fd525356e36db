import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { topologyOf } from '../../server/foundation/topology.ts';
import { createIrcPlatform } from '../../server/gateway/platforms/irc/irc.ts';
import type { Browser, Heard } from './support/browser.ts';
import { House, irc, place, quick, text } from './support/house.ts';
import { Peer } from './support/peer.ts';

const PLAIN = 'localhost';
const impatient = { ...quick, idle: 1_000, answer: 1_000, connect: 2_000 };
let house: House;
beforeAll(async () => {
  house = await House.open({
    platforms: [createIrcPlatform({ timings: impatient, flood: { burst: 50, every: 10 } })],
    limits: { perSecond: 100_000, burst: 100_000, unreadPerSocket: 500 },
  });
});
afterAll(() => house.close());

const isState =
  (state: string) =>
  ({ object }: Heard): boolean =>
    object?.type === 'connection' && object.state === state;

describe('Ergo killed in the middle of a burst', () => {
  it('every request is answered; what was acknowledged arrived; it reconnects and rejoins', async () => {
    const anna = await house.member('anna', '#burst');
    const ben = await house.member('ben', '#burst');
    anna.forgets();
    const burst = Array.from({ length: 400 }, (_, index) => anna.asks('message', text('anna', '#burst', `burst ${index}`)));
    await burst[50];
    await house.ergo.kill();
    const answers = await Promise.all(burst);
    const done = answers.filter(({ error }) => error === undefined);
    const failed = answers.filter(({ error }) => error !== undefined);
    expect(done.length).toBeGreaterThan(50);
    for (const { errorCode } of failed) expect(errorCode).toMatch(/KOSMOS_ERR_(CONNECTION_LOST|NOT_CONNECTED)/);
    await ben.hears(isState('disconnected'), 'the break');
    const arrived = new Set(ben.heard.map(({ object }) => object?.id as string));
    // The server may have died between telling the one and the other: never more than what it held in that moment.
    expect(done.filter(({ object }) => !arrived.has(object.id)).length).toBeLessThan(50);

    await anna.hears(isState('disconnected'), 'the break');
    const meanwhile = await anna.asks('message', text('anna', '#burst', 'now?'));
    expect(meanwhile.errorCode).toBe('KOSMOS_ERR_NOT_CONNECTED');
    await house.ergo.start();
    for (const who of [anna, ben]) await who.hears(isState('connected'), 'the connection');
    for (const who of [anna, ben]) await who.hears(({ type, object }) => type === 'join' && object?.type === 'room', 'the room again');
    await anna.says('message', text('anna', '#burst', 'after the crash'));
    await ben.hearsText('after the crash');
  });

  it('after a break of the line what was said meanwhile is fetched, once', async () => {
    const dave = await house.member('dave', '#gap');
    const number = house.line.next;
    const cleo = await house.member('cleo', '#gap');
    await dave.says('message', text('dave', '#gap', 'before'));
    await cleo.hearsText('before');
    cleo.forgets();
    house.line.cut(number);
    await cleo.hears(isState('disconnected'), 'the break');
    const missed = ['missed 1', 'missed 2\nof two lines', 'missed 3'];
    for (const content of missed) await dave.says('message', text('dave', '#gap', content));
    house.line.mend();
    await cleo.hears(isState('connected'), 'the connection');
    for (const content of missed) await cleo.hearsText(content);
    await dave.says('message', text('dave', '#gap', 'live again'));
    await cleo.hearsText('live again');
    expect(cleo.heard.filter(({ type }) => type === 'send')).toEqual([]);
  });

  it('so are direct messages', async () => {
    const rolf = await house.member('rolf', '#direct');
    const number = house.line.next;
    const sara = await house.member('sara', '#direct');
    // Another client keeps the nick alive on the server.
    const phone = await house.browser('sara');
    const actor = { type: 'person', id: 'sara@chat.example.org/phone', name: 'sara' };
    const credentials = { type: 'credentials', nick: 'sara', server: 'chat.example.org' };
    await phone.says('credentials', { ...irc('sara', 'credentials', { object: credentials }), actor });
    await phone.says('message', { ...irc('sara', 'connect'), actor });
    await rolf.says('message', text('rolf', 'sara', 'first'));
    await sara.hearsText('first');
    sara.forgets();
    house.line.cut(number);
    await sara.hears(isState('disconnected'), 'the break');
    await rolf.says('message', text('rolf', 'sara', 'second'));
    house.line.mend();
    const missed = await sara.hearsText('second');
    expect(missed).toMatchObject({ actor: { name: 'rolf' }, target: { type: 'person', name: 'sara' } });
  });

  it('a connection that went dead without a word is noticed and replaced', async () => {
    const number = house.line.next;
    const elsa = await house.member('elsa', '#dead');
    elsa.forgets();
    house.line.freeze(number);
    const unanswered = elsa.asks('message', text('elsa', '#dead', 'into the void'));
    const broken = await elsa.hears(isState('disconnected'), 'the break');
    expect(broken.object.content).toMatch(/did not answer/);
    expect((await unanswered).errorCode).toBe('KOSMOS_ERR_CONNECTION_LOST');
    await elsa.hears(isState('connected'), 'the connection');
    await elsa.hears(({ type, object }) => type === 'join' && object?.type === 'room', 'the room');
    await elsa.says('message', text('elsa', '#dead', 'through'));
  });
});

describe('a browser that does not read', () => {
  it('is parted from before it takes the memory, and others go on', async () => {
    const fay = await house.member('fay', '#flood');
    const gus = await house.member('gus', '#flood');
    // Stops the kernel’s buffer from being read: what a suspended laptop does.
    const engine = gus.socket.io.engine as unknown as { transport: { ws: { _socket: net.Socket } } };
    engine.transport.ws._socket.pause();
    const gone = new Promise<void>((resolve) => gus.socket.once('disconnect', () => resolve()));
    const before = (await house.health()).sockets;
    const large = 'z'.repeat(4_000);
    for (let round = 0; round < 40 && (await house.health()).sockets === before; round += 1) {
      await Promise.all(Array.from({ length: 50 }, () => fay.says('message', text('fay', '#flood', large))));
    }
    expect((await house.health()).sockets).toBe(before - 1);
    engine.transport.ws._socket.resume();
    await gone;
    await fay.says('message', text('fay', '#flood', 'goes on'));
  });
});

describe('a server that sends what no server should', () => {
  const mine = (name: string, type: string, parts: object = {}): Record<string, unknown> => irc(name, type, { ...parts, server: PLAIN });

  async function enter(name: string, peer: Peer, room: string): Promise<Browser> {
    house.policy.inside.push(`${PLAIN}:${peer.port}`);
    const browser = await house.browser(name);
    const object = { type: 'credentials', nick: name, server: PLAIN, port: peer.port, secure: false };
    await browser.says('credentials', mine(name, 'credentials', { object }));
    await browser.says('message', mine(name, 'connect'));
    await browser.says('message', mine(name, 'join', { target: place(room, PLAIN) }));
    return browser;
  }

  it('a line of a megabyte, bytes that are no UTF-8, and commands without parameters do no harm', async () => {
    const peer = await Peer.start();
    const hal = await enter('hal', peer, '#odd');
    peer.write(`:kim!k@h PRIVMSG #odd :${'x'.repeat(1_000_000)}`);
    peer.write('\r\n');
    peer.write(Buffer.from(':kim!k@h PRIVMSG #odd :caf\xe9 \xff\xfe\r\n', 'latin1'));
    await hal.hearsText('café ÿþ');
    const commands =
      'PRIVMSG NOTICE JOIN PART KICK QUIT NICK TOPIC MODE TAGMSG REDACT MARKREAD AWAY ACCOUNT SETNAME INVITE CHGHOST BATCH CAP FAIL AUTHENTICATE PONG ACK 001 005 324 331 332 333 352 353 354 366 433 475 482 900 903 904'.split(
        ' ',
      );
    for (const command of commands) {
      for (const params of [
        '',
        ' ',
        ' :',
        ' #odd',
        ' hal',
        ' hal #odd',
        ' #odd hal',
        ' hal = #odd',
        ' #odd +ovb',
        ' +x labeled-response',
        ' * LS',
      ]) {
        for (const source of ['', ':kim!k@h ', ':hal!u@h ', ':peer.test ', '@label=zz;batch=no;time=never :kim!k@h ']) {
          // These would end the room or the registration rightly.
          if (source.includes('hal!') && ['PART', 'KICK', 'QUIT', 'NICK'].includes(command)) continue;
          if (command === 'KICK' || (command === 'CAP' && params.includes('DEL'))) continue;
          peer.write(`${source}${command}${params}\r\n`);
        }
      }
      peer.write(`:kim!k@h PRIVMSG #odd :standing after ${command}\r\n`);
      await hal.hearsText(`standing after ${command}`);
    }
    await peer.stop();
  });

  it('capabilities that come and go, real names and accounts that change are taken in', async () => {
    const peer = await Peer.start('batch message-tags server-time cap-notify setname account-notify');
    const jon = await enter('jon', peer, '#caps');
    const state = async (): Promise<Heard> => jon.says('message', mine('jon', 'join', { target: place('#caps', PLAIN) }));
    expect((await state()).object.features).not.toContain('history');
    peer.write(':peer.test CAP jon NEW :draft/chathistory\r\n');
    await expect.poll(() => peer.lines).toContain('CAP REQ draft/chathistory');
    await expect.poll(async () => (await state()).object.features).toContain('history');
    peer.write(':peer.test CAP jon DEL :draft/chathistory\r\n');
    await expect.poll(async () => (await state()).object.features).not.toContain('history');
    peer.write(':kim!k@h ACCOUNT kimberly\r\n:kim!k@h SETNAME :Kim Lee\r\n');
    const named = await jon.hears(({ type, object }) => type === 'update' && object?.type === 'profile', 'the name');
    expect(named).toMatchObject({ actor: { name: 'kim' }, object: { name: 'Kim Lee' } });
    const kim = async (): Promise<unknown> =>
      (await state()).object.attendance.find(({ name }: { name: string }) => name === 'kim').account;
    expect(await kim()).toBe('kimberly');
    peer.write(':kim!k@h ACCOUNT *\r\n:kim!k@h PRIVMSG #caps :logged out\r\n');
    await jon.hearsText('logged out');
    expect(await kim()).toBeUndefined();
    await peer.stop();
  });

  it('netsplits are told as such, and their end too', async () => {
    const peer = await Peer.start('batch message-tags server-time');
    const ida = await enter('ida', peer, '#split');
    peer.write(
      ':peer.test BATCH +s netsplit a.test b.test\r\n@batch=s :kim!k@h QUIT :a.test b.test\r\n@batch=s :lee!k@h QUIT :a.test b.test\r\n:peer.test BATCH -s\r\n',
    );
    for (const nick of ['kim', 'lee']) {
      const gone = await ida.hears(({ type, actor }) => type === 'leave' && actor.name === nick, 'a split');
      expect(gone.object).toMatchObject({ how: 'netsplit', rooms: ['#split@localhost'] });
    }
    peer.write(':peer.test BATCH +j netjoin a.test b.test\r\n@batch=j :kim!k@h JOIN #split\r\n:peer.test BATCH -j\r\n');
    expect((await ida.hears(({ type, actor }) => type === 'join' && actor.name === 'kim', 'a join')).object.how).toBe('netjoin');
    await peer.stop();
  });

  it('a nick that is taken, and a registration that never ends', async () => {
    const peer = await Peer.start();
    peer.fallsSilent();
    house.policy.inside.push(`${PLAIN}:${peer.port}`);
    const jon = await house.browser('jon');
    const object = { type: 'credentials', nick: 'jon', server: PLAIN, port: peer.port, secure: false };
    await jon.says('credentials', mine('jon', 'credentials', { object }));
    const started = performance.now();
    const answer = await jon.asks('message', mine('jon', 'connect'));
    expect(answer.errorCode).toBe('KOSMOS_ERR_SERVER_UNREACHABLE');
    expect(performance.now() - started).toBeLessThan(20_000);
    peer.speaksAgain();
    // It goes on trying by itself.
    await jon.hears(isState('connected'), 'the connection');
    await peer.stop();
  });
});

describe('the gateway killed', () => {
  it('comes back on the same socket; clients replay and go on', { timeout: 90_000 }, async () => {
    await house.gateway.close();
    let child = launch();
    await reachable();
    const kay = await house.member('kay', '#phoenix');
    const lou = await house.member('lou', '#phoenix');
    await kay.says('message', text('kay', '#phoenix', 'before the end'));
    await lou.hearsText('before the end');
    child.kill('SIGKILL');
    await once(child, 'exit');
    child = launch();
    try {
      await reachable();
      await Promise.all([kay.connected(), lou.connected()]);
      await house.enter(kay, 'kay', '#phoenix');
      await house.enter(lou, 'lou', '#phoenix');
      await kay.says('message', text('kay', '#phoenix', 'after the end'));
      await lou.hearsText('after the end');
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      expect((await exited)[0]).toBe(0);
    } finally {
      child.kill('SIGKILL');
    }
  });

  function launch(): ChildProcess {
    const { settings } = house;
    const environment = {
      ...{ KOSMOS_DATA: settings.dataFolder, KOSMOS_PORT: String(settings.port), KOSMOS_IRC_PORT: String(settings.ircPort) },
      ...{ KOSMOS_IRCS_PORT: String(settings.ircsPort), KOSMOS_XMPP_PORT: String(settings.xmppPort) },
      ...{ KOSMOS_INTERNAL_PORT: String(settings.internalPort), KOSMOS_LOG_LEVEL: 'silent' },
    };
    const env = { ...process.env, ...environment };
    return spawn(process.execPath, ['--import', 'tsx', 'server/gateway/main.ts'], { env, stdio: ['ignore', 'inherit', 'inherit'] });
  }

  function reachable(): Promise<void> {
    const { gateway } = topologyOf(house.settings);
    const attempt = (): Promise<boolean> =>
      new Promise((resolve) => {
        const socket = net.connect('socketPath' in gateway ? gateway.socketPath : '');
        socket.once('connect', () => (socket.destroy(), resolve(true))).once('error', () => resolve(false));
      });
    return expect
      .poll(attempt, { interval: 50, timeout: 30_000 })
      .toBe(true)
      .then(() => undefined);
  }
});
