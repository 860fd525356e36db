import type { Agent } from 'node:http';
import path from 'node:path';
import SockethubClient from '@sockethub/client';
import { validateActivityStream } from '@sockethub/schemas';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createIrcPlatform } from '../../server/gateway/platforms/irc/irc.ts';
import { createXmpp } from '../../server/gateway/platforms/xmpp/platform.ts';
import { DOMAIN as XMPP_DOMAIN, PASSWORD, Prosody, ROOMS } from '../gateway-xmpp/support/prosody.ts';
import { findFreePort } from '../support/ports.ts';
import type { Heard } from './support/browser.ts';
import { DOMAIN, House, quick } from './support/house.ts';
import { startNgircd } from './support/ngircd.ts';
import type { ServerProcess } from './support/process.ts';

/** `@sockethub/client` from npm as it is: the dialect with `context: "irc"` and objects named by their ids. */
class Classic {
  readonly client: SockethubClient;
  readonly heard: Heard[] = [];
  readonly socket: Socket;
  readonly name: string;
  readonly server: string;
  readonly #context: string;

  constructor(agent: Agent, token: string, name: string, server: string, context = 'irc') {
    this.#context = context;
    this.socket = io('http://gateway.test', {
      agent: agent as unknown as string,
      path: '/sockethub',
      transports: ['websocket'],
      auth: { token },
      forceNew: true,
      reconnectionDelay: 50,
    });
    this.client = new SockethubClient(this.socket);
    this.client.debug = false;
    this.name = name;
    this.server = server;
    this.client.socket.on('message', (activity: Heard) => this.heard.push(activity));
  }

  ask(event: string, request: object): Promise<Heard> {
    return new Promise((resolve) => this.client.socket.emit(event, request, resolve));
  }

  /** An envelope of the old dialect, expanded by the client's own library. */
  activity(type: string, more: object = {}): object {
    return this.client.ActivityStreams.Stream({ context: this.#context, type, actor: `${this.name}@${this.server}`, ...more });
  }

  async enter(room: string, credentials: object): Promise<void> {
    this.client.ActivityStreams.Object.create({ id: `${this.name}@${this.server}`, type: 'person', name: this.name });
    this.client.ActivityStreams.Object.create({ id: `${this.server}/${room}`, type: 'room', name: room });
    await this.do(
      'credentials',
      this.activity('credentials', { object: { type: 'credentials', nick: this.name, server: this.server, ...credentials } }),
    );
    await this.do('message', this.activity('connect'));
    await this.do('message', this.activity('join', { target: `${this.server}/${room}` }));
  }

  async do(event: string, request: object): Promise<Heard> {
    const answer = await this.ask(event, request);
    expect(answer.error).toBeUndefined();
    return answer;
  }

  say(room: string, content: string): Promise<Heard> {
    return this.do('message', this.activity('send', { target: `${this.server}/${room}`, object: { type: 'message', content } }));
  }

  hears(fits: (activity: Heard) => boolean): Promise<Heard> {
    return expect
      .poll(() => this.heard.find(fits), { interval: 20, timeout: 8_000 })
      .toBeTruthy()
      .then(() => this.heard.find(fits) as Heard);
  }
}

let house: House;
let port: number;
let server: ServerProcess;
const PLAIN = 'localhost';
const clients: Classic[] = [];

async function classic(name: string, host: string): Promise<Classic> {
  const { token } = await house.control.logIn(name);
  const client = new Classic(house.agent, token, name, host);
  clients.push(client);
  return client;
}

beforeAll(async () => {
  // The client tells the console of every field that it does not know.
  for (const method of ['log', 'warn'] as const) vi.spyOn(console, method).mockImplementation(() => undefined);
  port = await findFreePort();
  const platforms = [createIrcPlatform({ timings: quick, flood: { burst: 20, every: 50 } })];
  house = await House.open({ inside: [`${PLAIN}:${port}`], platforms });
  server = await startNgircd(path.join(house.folder, 'ngircd'), port);
});
afterAll(async () => {
  for (const { socket } of clients) socket.disconnect();
  await house.close();
  await server.stop();
});

describe.each([
  ['Ergo', DOMAIN, {}],
  ['a plain server', PLAIN, { secure: false }],
])('the unmodified client on %s', (_, host, more) => {
  it('connects, joins, talks, and hears topic and attendance as Sockethub tells them', async () => {
    const credentials = host === PLAIN ? { ...more, port } : more;
    const ann = await classic('ann', host);
    await ann.enter('#classic', credentials);
    await ann.do('message', ann.activity('update', { target: `${host}/#classic`, object: { type: 'topic', content: 'old and new' } }));
    const ben = await classic('ben', host);
    await ben.enter('#classic', credentials);
    await ann.hears(({ type, actor }) => type === 'join' && actor.name === 'ben');
    await ben.hears(({ type, object }) => type === 'update' && object?.type === 'topic' && object.content === 'old and new');
    const present = await ben.hears(({ type, object }) => type === 'query' && object?.type === 'attendance');
    expect([...present.object.members].sort()).toEqual(['ann', 'ben']);

    await ann.say('#classic', 'hello : from : the old world');
    const heard = await ben.hears(({ object }) => object?.content === 'hello : from : the old world');
    expect(heard).toMatchObject({
      context: 'irc',
      type: 'send',
      actor: { name: 'ann', type: 'person' },
      target: { name: '#classic', type: 'room' },
    });
    await ben.say('#classic', 'hello back');
    await ann.hears(({ object }) => object?.content === 'hello back');

    const asked = await ann.do('message', ann.activity('query', { target: `${host}/#classic`, object: { type: 'attendance' } }));
    expect([...asked.object.members].sort()).toEqual(['ann', 'ben']);
    await ben.do('message', ben.activity('leave', { target: `${host}/#classic` }));
    await ann.hears(({ type, actor }) => type === 'leave' && actor.name === 'ben');
  });

  it('replays its state by itself after the connection broke', async () => {
    const [ann, ben] = clients.slice(-2) as [Classic, Classic];
    await ben.do('message', ben.activity('join', { target: `${host}/#classic` }));
    ben.socket.io.engine.close();
    await expect.poll(() => ben.socket.connected, { interval: 10 }).toBe(true);
    await ben.say('#classic', 'here again');
    await ann.hears(({ object }) => object?.content === 'here again');
  });

  it('hears only what Sockethub’s own schemas allow for the verbs that they know', () => {
    const known = ['send', 'join', 'update', 'query'];
    const heard = clients
      .flatMap((client) => client.heard)
      .filter(({ type, object }) => known.includes(type) && object?.type === 'message');
    expect(heard.length).toBeGreaterThan(0);
    for (const activity of heard) expect(validateActivityStream(activity)).toBe('');
  });
});

describe('what breaks Sockethub’s own IRC platform', () => {
  it('numerics 482 and 475 are answers, not a crash', async () => {
    const cat = await classic('cat', PLAIN);
    await cat.enter('#locked', { secure: false, port });
    await cat.do('message', cat.activity('update', { target: `${PLAIN}/#locked`, object: { type: 'mode', content: '+kt key' } }));
    const dan = await classic('dan', PLAIN);
    await dan.enter('#lobby', { secure: false, port });
    const join = await dan.ask('message', dan.activity('join', { target: { type: 'room', id: `${PLAIN}/#locked`, name: '#locked' } }));
    expect(join.errorCode).toBe('KOSMOS_ERR_SERVER_REFUSED');
    await cat.do('message', cat.activity('update', { target: `${PLAIN}/#locked`, object: { type: 'mode', content: '-k key' } }));
    await dan.do('message', dan.activity('join', { target: { type: 'room', id: `${PLAIN}/#locked`, name: '#locked' } }));
    const topic = { target: { type: 'room', id: `${PLAIN}/#locked`, name: '#locked' }, object: { type: 'topic', content: 'x' } };
    expect((await dan.ask('message', dan.activity('update', topic))).errorCode).toBe('KOSMOS_ERR_SERVER_REFUSED');
    await dan.say('#lobby', 'alive');
    // KICK is told: as the leaving that it is.
    await cat.do('message', cat.activity('kick', { target: `${PLAIN}/#locked`, object: { type: 'person', name: 'dan' } }));
    await dan.hears(({ type, actor, object }) => type === 'leave' && actor.name === 'dan' && object?.how === 'kick');
  });

  it('a restart of the server is survived, without the client doing anything', async () => {
    const dan = clients.at(-1) as Classic;
    dan.heard.length = 0;
    await server.stop('SIGKILL');
    server = await startNgircd(path.join(house.folder, 'ngircd'), port);
    await dan.hears(({ object }) => object?.type === 'connection' && object.state === 'connected');
    const attempt = async (): Promise<string | undefined> =>
      (await dan.ask('message', dan.activity('join', { target: `${PLAIN}/#lobby` }))).errorCode;
    await expect.poll(attempt, { interval: 50, timeout: 8_000 }).toBeUndefined();
    await dan.say('#lobby', 'after the restart');
  });
});

describe('the unmodified client through XMPP', () => {
  let prosody: Prosody;
  let gateway: House;
  beforeAll(async () => {
    prosody = await Prosody.start({ accounts: ['ann', 'ben'] });
    const platforms = [createXmpp({ ca: prosody.certificate })];
    gateway = await House.open({ inside: [`localhost:${prosody.clientPort}`], platforms });
  });
  afterAll(async () => {
    await gateway.close();
    await prosody.remove();
  });

  it('connects, joins and talks with another', async () => {
    const room = `classic@${ROOMS}`;
    const enter = async (name: string): Promise<Classic> => {
      const { token } = await gateway.control.logIn(name);
      const person = new Classic(gateway.agent, token, name, XMPP_DOMAIN, 'xmpp');
      clients.push(person);
      const { Object: objects } = person.client.ActivityStreams;
      objects.create({ id: `${name}@${XMPP_DOMAIN}`, type: 'person', name });
      objects.create({ id: room, type: 'room', name: 'classic' });
      const place = { server: 'localhost', port: prosody.clientPort, resource: 'classic' };
      const object = { type: 'credentials', userAddress: `${name}@${XMPP_DOMAIN}`, password: PASSWORD, ...place };
      await person.do('credentials', person.activity('credentials', { object }));
      await person.do('message', person.activity('connect'));
      await person.do('message', person.activity('join', { target: room }));
      return person;
    };
    const ann = await enter('ann');
    const ben = await enter('ben');
    const message = (content: string): object => ({ target: room, object: { type: 'message', content } });
    await ann.do('message', ann.activity('send', message('hello through XMPP')));
    const heard = await ben.hears(({ type, object }) => type === 'send' && object?.content === 'hello through XMPP');
    expect(heard).toMatchObject({ context: 'xmpp', actor: { id: `${room}/ann`, name: 'ann' }, target: { id: room } });
    await ben.do('message', ben.activity('send', message('and back')));
    await ann.hears(({ object }) => object?.content === 'and back');
    // As Sockethub: who speaks in a room hears it with the others.
    await ann.hears(({ object }) => object?.content === 'hello through XMPP');
  });
});
