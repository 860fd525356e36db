import net from 'node:net';
import tls from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { KosmosError } from '../../server/foundation/errors.ts';
import { createXmpp } from '../../server/gateway/platforms/xmpp/platform.ts';
import { findFreePort } from '../support/ports.ts';
import { codeOf, Member } from './support/member.ts';
import { DOMAIN, PASSWORD, Prosody } from './support/prosody.ts';
import { Wire } from './support/wire.ts';

let prosody: Prosody;
let directPort: number;
const members: Member[] = [];
const servers: net.Server[] = [];

beforeAll(async () => {
  directPort = await findFreePort();
  const extra = `c2s_direct_tls_ports = { ${directPort} }\nc2s_direct_tls_interfaces = { "127.0.0.1" }`;
  prosody = await Prosody.start({ accounts: ['alice', 'bob'], extra });
});
afterEach(async () => {
  await Promise.all(members.splice(0).map((member) => member.goes()));
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});
afterAll(() => prosody.remove());

type Options = NonNullable<ConstructorParameters<typeof Member>[2]>;

function outsider(name: string, options: Options = {}): Member {
  const one = new Member(prosody, name, { isOutside: true, ...options });
  members.push(one);
  return one;
}

/** A server that says what it is told to say, for servers that cannot be had. */
async function scripted(answer: (said: string, socket: net.Socket) => void): Promise<number> {
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => answer(data.toString('utf8'), socket));
  });
  return listening(server);
}

async function listening(server: net.Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as net.AddressInfo).port;
}

const at =
  (port: number): Options['resolve'] =>
  () =>
    Promise.resolve({ host: '127.0.0.1', port });
const header = `<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='1' version='1.0'>`;

describe('somebody else’s server, over TCP', () => {
  test('alice logs in by STARTTLS and SCRAM and talks to bob of the team', async () => {
    const alice = outsider('alice');
    const bob = new Member(prosody, 'bob');
    members.push(bob);
    expect(await alice.connects()).toMatchObject({ object: { state: 'connected', features: expect.arrayContaining(['history']) } });
    await bob.connects();
    await bob.joins('#across');
    await alice.joins('#across');
    const { id } = await alice.says('#across', 'Grüße aus TCP 😀');
    await bob.hears({ type: 'send', object: { content: 'Grüße aus TCP 😀', id } });
  });

  test('a resumed stream over TCP loses nothing', async () => {
    const wire = await Wire.to(prosody.clientPort);
    const alice = outsider('alice', { resolve: at(wire.port) });
    const bob = outsider('bob');
    await Promise.all([alice.connects(), bob.connects()]);
    const from = alice.states.length;
    wire.shut();
    await alice.is('disconnected', from);
    await bob.says('alice', 'while you were out');
    wire.open();
    await alice.hears({ type: 'send', object: { content: 'while you were out' } });
    await alice.goes();
    await wire.remove();
  });

  test('SRV records lead on, and the certificate must be the domain’s wherever they lead', async () => {
    const asked: string[] = [];
    const resolveSrv = (name: string) => {
      asked.push(name);
      const record = (host: string, priority: number) => ({ name: host, port: 5_222, priority, weight: 1 });
      if (name.startsWith('_xmpps')) return Promise.reject(new Error('no such record'));
      return Promise.resolve([record('second.example', 20), record('first.example', 10)]);
    };
    const resolved: string[] = [];
    const resolve = (host: string, port: number) => {
      resolved.push(`${host}:${port}`);
      if (host === 'first.example') return Promise.reject(new KosmosError('KOSMOS_ERR_HOST_REFUSED', { host, reason: 'a test' }));
      return Promise.resolve({ host: '127.0.0.1', port: prosody.clientPort });
    };
    const alice = outsider('alice', { platform: createXmpp({ ca: prosody.certificate, resolveSrv }), resolve });
    await alice.connects();
    expect(asked.toSorted()).toEqual([`_xmpp-client._tcp.${DOMAIN}`, `_xmpps-client._tcp.${DOMAIN}`]);
    expect(resolved).toEqual(['first.example:5222', 'second.example:5222']);
  });

  test('TLS from the first byte, where SRV says so', async () => {
    const resolveSrv = (name: string) => {
      if (!name.startsWith('_xmpps')) return Promise.reject(new Error('no such record'));
      return Promise.resolve([{ name: 'direct.example', port: directPort, priority: 1, weight: 1 }]);
    };
    const resolve = (_: string, port: number) => Promise.resolve({ host: '127.0.0.1', port });
    const alice = outsider('alice', { platform: createXmpp({ ca: prosody.certificate, resolveSrv }), resolve });
    await alice.connects();
  });

  test('a wrong password fails for good', async () => {
    const alice = outsider('alice', { credentials: { password: 'wrong' } });
    await expect(alice.connects()).rejects.toMatchObject({
      code: 'KOSMOS_ERR_SERVER_LOGIN',
      message: expect.stringContaining('not authorized'),
    });
    expect(alice.states.map(({ state }) => state)).toEqual(['connecting', 'failed']);
    expect(alice.session.snapshot()).toMatchObject([{ type: 'update', object: { type: 'connection', state: 'failed' } }]);
    expect(await codeOf(alice.says('bob', 'hello'))).toBe('KOSMOS_ERR_NOT_CONNECTED');
  });

  test('a certificate that nobody vouches for is refused', async () => {
    const alice = outsider('alice', { platform: createXmpp() });
    await expect(alice.connects()).rejects.toMatchObject({
      code: 'KOSMOS_ERR_SERVER_CERTIFICATE',
      message: expect.stringMatching(/certificate/),
    });
  });

  test('a certificate of another name is refused', async () => {
    const port = await listening(tls.createServer(await impostorKeys(), (socket) => socket.on('error', () => undefined)));
    const alice = outsider('alice', { credentials: { userAddress: 'alice@other.example', port: 5_223 }, resolve: at(port) });
    await expect(alice.connects()).rejects.toMatchObject({
      code: 'KOSMOS_ERR_SERVER_CERTIFICATE',
      message: expect.stringMatching(/altnames/),
    });
  });

  test('a refused host is refused with its own code', async () => {
    const resolve = (host: string) => Promise.reject(new KosmosError('KOSMOS_ERR_HOST_REFUSED', { host, reason: 'it is private' }));
    const alice = outsider('alice', { resolve });
    expect(await codeOf(alice.connects())).toBe('KOSMOS_ERR_HOST_REFUSED');
  });

  test('no password is sent to a server without TLS', async () => {
    let heard = '';
    const port = await scripted((said, socket) => {
      heard += said;
      socket.write(
        `${header}<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms></stream:features>`,
      );
    });
    const alice = outsider('alice', { resolve: at(port) });
    await expect(alice.connects()).rejects.toThrow(/offers no TLS/);
    expect(heard).not.toContain('auth');
  });

  test('what is whispered into the stream before TLS is forgotten', async () => {
    const relay = net.createServer((client) => {
      const upstream = net.connect(prosody.clientPort, '127.0.0.1');
      for (const socket of [client, upstream])
        socket.on('error', () => undefined).on('close', () => (client.destroy(), upstream.destroy()));
      client.pipe(upstream);
      upstream.on('data', (data) => client.write(data.includes('<proceed') ? Buffer.concat([data, Buffer.from('<whispered/>')]) : data));
    });
    const alice = outsider('alice', { resolve: at(await listening(relay)) });
    await alice.connects();
  });

  test.each([
    ['an endless line', 'x'.repeat(2_000_000)],
    ['an endless tag', `${header}<stream:features a="${'x'.repeat(200_000)}`],
    ['invalid UTF-8', Buffer.from([0xff, 0xfe, 0xfd])],
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['a stream error', `${header}<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>`],
  ])('%s instead of a server is an error', async (_, nonsense) => {
    const port = await scripted((__, socket) => void socket.write(nonsense));
    const alice = outsider('alice', { resolve: at(port) });
    expect(await codeOf(alice.connects())).toBe('KOSMOS_ERR_SERVER_UNREACHABLE');
  });

  test('an impostor who does not know the password’s keys is found out', async () => {
    const secure = tls.createServer(await impostorKeys(), (socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (data) => {
        const said = data.toString('utf8');
        const sasl = `xmlns='urn:ietf:params:xml:ns:xmpp-sasl'`;
        const mechanisms = `<mechanisms ${sasl}><mechanism>SCRAM-SHA-256</mechanism></mechanisms>`;
        if (said.includes('<stream:stream')) socket.write(`${header}<stream:features>${mechanisms}</stream:features>`);
        else if (said.includes('<auth')) {
          const first = Buffer.from(/>([^<]+)</.exec(said)?.[1] ?? '', 'base64').toString();
          const challenge = `r=${/r=(.*)$/.exec(first)?.[1]}xyz,s=${Buffer.from('saltsalt').toString('base64')},i=4096`;
          socket.write(`<challenge ${sasl}>${Buffer.from(challenge).toString('base64')}</challenge>`);
        } else socket.write(`<success ${sasl}>${Buffer.from('v=AAAA').toString('base64')}</success>`);
      });
    });
    const alice = outsider('alice', { resolve: at(await listening(secure)), credentials: { port: 5_223 } });
    await expect(alice.connects()).rejects.toThrow(/impostor/);
  });
});

describe('the team’s server', () => {
  test('logs in with a fresh token each time, and says why control gave none', async () => {
    let minted = 0;
    const mintToken = () => {
      minted += 1;
      return minted === 1 ? Promise.reject(new KosmosError('KOSMOS_ERR_ACCOUNT_DISABLED')) : Promise.resolve(PASSWORD);
    };
    const alice = new Member(prosody, 'alice', { mintToken });
    members.push(alice);
    expect(await codeOf(alice.connects())).toBe('KOSMOS_ERR_ACCOUNT_DISABLED');
    expect(alice.states.at(-1)).toMatchObject({ state: 'failed' });
    await alice.connects();
    await alice.connects();
    expect(minted).toBe(2);
  });

  test('nobody logs in there as somebody else', async () => {
    let minted = 0;
    const mintToken = () => Promise.resolve(`${PASSWORD}${++minted}`);
    const alice = new Member(prosody, 'alice', { mintToken, credentials: { userAddress: `bob@${DOMAIN}` } });
    members.push(alice);
    expect(await codeOf(alice.connects())).toBe('KOSMOS_ERR_FORBIDDEN');
    expect(minted).toBe(0);
  });

  test('two clients who want the same resource do not throw each other out for ever', async () => {
    const first = new Member(prosody, 'alice', { resource: 'same' });
    const second = new Member(prosody, 'alice', { resource: 'same' });
    members.push(first, second);
    await first.connects();
    await second.connects();
    await first.is('disconnected');
    await first.is('connected', first.states.length);
    await first.says('alice', 'note to self');
    expect(second.states.map(({ state }) => state)).toEqual(['connecting', 'connected']);
  });
});

async function impostorKeys(): Promise<{ key: string; cert: string }> {
  return { key: await prosody.key(), cert: prosody.certificate };
}
