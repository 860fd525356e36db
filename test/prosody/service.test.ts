import { once } from 'node:events';
import net from 'node:net';
import type { Agent } from 'stanza';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { prosody } from '../../server/components/prosody/component.ts';
import { createChannel } from '../../server/teams/channels.ts';
import { createTeam, type Team } from '../../server/teams/teams.ts';
import { domain, TestAppliance } from './appliance.ts';
import { eventOf, logInByWebsocket } from './clients.ts';

let test: TestAppliance;
let red: Team;
const room = `general@rooms.${domain}`;
const open: Agent[] = [];

const logIn = async (name: string): Promise<Agent> => {
  const agent = await logInByWebsocket(test, name);
  open.push(agent);
  return agent;
};
const messageOf = (agent: Agent, body: string, patience?: number) =>
  eventOf<{ body?: string; from: string }>(
    agent as unknown as NodeJS.EventEmitter,
    'message',
    (message) => message.body === body,
    patience,
  );

beforeAll(async () => {
  test = await TestAppliance.start();
  red = await test.change((change) => createTeam(change, { name: 'Red', home: 'xmpp' }));
  for (const name of ['alice', 'bob']) await test.addPerson(name, red);
  await test.change((change) => createChannel(change, red, { name: 'general' }));
});
afterEach(() => Promise.all(open.splice(0).map((agent) => agent.disconnect())));
afterAll(() => test?.close());

describe('the archive', () => {
  it('has what was said in a room, for those who come later', async () => {
    const alice = await logIn('alice');
    await alice.joinRoom(room, 'alice');
    for (const body of ['first', 'second']) {
      const echoed = messageOf(alice, body);
      alice.sendMessage({ to: room, type: 'groupchat', body });
      await echoed;
    }
    const { results } = await (await logIn('bob')).searchHistory(room, {});
    expect(results?.map(({ item }) => item.message?.body).filter(Boolean)).toEqual(['first', 'second']);
  });

  it('has what two said to each other, for both', async () => {
    const [alice, bob] = [await logIn('alice'), await logIn('bob')];
    bob.sendPresence();
    const arrived = messageOf(bob, 'between us');
    alice.sendMessage({ to: `bob@${domain}`, type: 'chat', body: 'between us' });
    await arrived;
    for (const [agent, other] of [
      [alice, 'bob'],
      [bob, 'alice'],
    ] as const) {
      const { results } = await agent.searchHistory({ with: `${other}@${domain}` });
      expect(results?.map(({ item }) => item.message?.body)).toEqual(['between us']);
    }
  });

  it('keeps a message to somebody who is away, and none to a name that is not there', async () => {
    const alice = await logIn('alice');
    alice.sendMessage({ to: `bob@${domain}`, type: 'chat', body: 'when you are back' });
    const bounced = eventOf<{ error?: { condition: string } }>(alice as unknown as NodeJS.EventEmitter, 'message:error');
    alice.sendMessage({ to: `nobody-here@${domain}`, type: 'chat', body: 'hello?' });
    expect((await bounced).error?.condition).toBe('service-unavailable');
    const { results } = await (await logIn('bob')).searchHistory({ with: `alice@${domain}` });
    expect(results?.map(({ item }) => item.message?.body)).toContain('when you are back');
  });
});

describe('files', () => {
  it('are put and got over HTTP at the home domain, through Prosody’s inside port', async () => {
    const alice = await logIn('alice');
    const content = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
    const slot = await alice.getUploadSlot(`upload.${domain}`, { name: 'grün.svg', size: content.length, mediaType: 'image/svg+xml' });
    expect(slot.upload.url).toMatch(new RegExp(`^https://${domain}/upload/`));
    const inside = (url: string): string => url.replace(`https://${domain}`, test.httpUrl);
    const headers = Object.fromEntries((slot.upload.headers ?? []).map(({ name, value }) => [name, value ?? '']));
    expect((await fetch(inside(slot.upload.url), { method: 'PUT', body: content })).status).toBe(401);
    expect((await fetch(inside(slot.upload.url), { method: 'PUT', body: content, headers })).status).toBe(201);
    const download = await fetch(inside(slot.download));
    expect(Buffer.from(await download.arrayBuffer())).toEqual(content);
    // A page of a stranger must not run on the home domain.
    expect(download.headers.get('content-disposition')).toMatch(/^attachment/);
    expect(download.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it('are no larger than is allowed', async () => {
    const alice = await logIn('alice');
    const request = { name: 'huge.bin', size: 51 * 1024 * 1024, mediaType: 'application/octet-stream' };
    await expect(alice.getUploadSlot(`upload.${domain}`, request)).rejects.toMatchObject({ error: { condition: 'not-acceptable' } });
  });
});

describe('the server', () => {
  it('offers what clients of today ask for', async () => {
    const alice = await logIn('alice');
    const { features } = await alice.getDiscoInfo(domain);
    const account = await alice.getDiscoInfo(`alice@${domain}`);
    expect([...features, ...account.features]).toEqual(
      expect.arrayContaining([
        'urn:xmpp:carbons:2',
        'urn:xmpp:mam:2',
        'urn:xmpp:blocking',
        'urn:xmpp:ping',
        'urn:xmpp:push:0',
        'urn:xmpp:bookmarks:1#compat',
      ]),
    );
    const items = (await alice.getDiscoItems(domain)).items.map(({ jid }) => jid);
    expect(items.sort()).toEqual([`rooms.${domain}`, `upload.${domain}`]);
  });

  it('does not slow down the gateway, which sends for a member by a token', async () => {
    const { token } = await test.tokens.mint('alice', 'prosody');
    const alice = await logInByWebsocket(test, 'alice', { secret: token, mechanism: 'PLAIN' });
    open.push(alice);
    await alice.joinRoom(room, 'alice');
    const body = 'x'.repeat(2_000);
    const last = messageOf(alice, 'the last', 20_000);
    const began = performance.now();
    // 1 MB: at the rate for people's own clients (300 kB at once, then 30 kB a second) this takes longer than is waited for.
    for (let index = 0; index < 500; index++) alice.sendMessage({ to: room, type: 'groupchat', body });
    alice.sendMessage({ to: room, type: 'groupchat', body: 'the last' });
    await last;
    console.log(`501 messages of 2 kB to a room, archived and back: ${(performance.now() - began).toFixed(0)} ms`);
  });

  it('makes no account by registration', async () => {
    const raw = net.connect(test.appliance.settings.xmppPort, '127.0.0.1');
    raw.write(`<stream:stream to="${domain}" version="1.0" xmlns="jabber:client" xmlns:stream="http://etherx.jabber.org/streams">`);
    let text = '';
    raw.setEncoding('utf8').on('data', (data: string) => (text += data));
    while (!text.includes('</stream:features>')) await once(raw, 'data', { signal: AbortSignal.timeout(5_000) });
    raw.destroy();
    expect(text).not.toContain('register');
  });

  it('is ready only if it answers for its domain', async () => {
    await prosody.checkReady(test.appliance, AbortSignal.timeout(5_000));
    const other = { ...test.appliance, domain: 'other.example.org' };
    await expect(prosody.checkReady(other, AbortSignal.timeout(5_000))).rejects.toThrow(/stream/);
    const silent = net.createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = { host: '127.0.0.1', port: (silent.address() as net.AddressInfo).port };
    const elsewhere = { ...test.appliance, topology: { ...test.appliance.topology, prosodyHttp: address } };
    await expect(prosody.checkReady(elsewhere, AbortSignal.timeout(300))).rejects.toThrow();
    silent.close();
  });
});
