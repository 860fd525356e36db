import { readFileSync } from 'node:fs';
import type { Agent } from 'stanza';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadSecret } from '../../server/foundation/secrets.ts';
import { changePassword, createKeys, disableAccount, enableAccount, getAccount } from '../../server/identity/accounts.ts';
import { prosodyPaths } from '../../server/components/prosody/config.ts';
import { createTeam } from '../../server/teams/teams.ts';
import { domain, passwordOf, TestAppliance } from './appliance.ts';
import { eventOf, failToLogIn, logInByTcp, logInByWebsocket, RawClient, type LogIn } from './clients.ts';

let test: TestAppliance;
const open: { close(): unknown }[] = [];

const websocket = async (name: string, logIn?: LogIn): Promise<Agent> => {
  const agent = await logInByWebsocket(test, name, logIn);
  open.push({ close: () => agent.disconnect() });
  return agent;
};
const tcp = async (name: string, logIn?: LogIn) => {
  const xmpp = await logInByTcp(test, name, logIn);
  open.push({ close: () => xmpp.stop().catch(() => undefined) });
  return xmpp;
};
const tokenFor = async (name: string): Promise<LogIn> => ({ secret: (await test.tokens.mint(name, 'prosody')).token, mechanism: 'PLAIN' });

beforeAll(async () => {
  test = await TestAppliance.start('debug');
  const team = await test.change((change) => createTeam(change, { name: 'Red', home: 'xmpp' }));
  for (const name of ['alice', 'bob', 'carol', 'dave']) await test.addPerson(name, team);
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((client) => client.close()));
  test.control.forgetFailures();
});
afterAll(() => test?.close());

describe('a log-in', () => {
  it.each(['SCRAM-SHA-256', 'SCRAM-SHA-1', 'PLAIN'] as const)('over the websocket by %s', async (mechanism) => {
    const agent = await websocket('alice', { mechanism });
    expect(agent.jid).toContain(`alice@${domain}/`);
  });

  it('over TCP and STARTTLS by SCRAM-SHA-1', async () => {
    await tcp('alice');
    expect(test.control.requests.at(-1)).toBe('GET /internal/accounts/alice/scram?hash=SHA-1');
  });

  it('by a token, on both ways in', async () => {
    const logIn = await tokenFor('bob');
    expect((await websocket('bob', logIn)).jid).toContain(`bob@${domain}/`);
    await tcp('bob', logIn);
  });

  it('offers SCRAM and PLAIN, and no channel binding', async () => {
    const { features } = await failToLogIn(test.websocketUrl, 'alice');
    const offered = [...features.matchAll(/<mechanism>([^<]+)</g)].map(([, mechanism]) => mechanism);
    expect(offered.sort()).toEqual(['PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-256']);
  });
});

describe('a log-in is refused', () => {
  const wrong = { secret: 'not the password' };

  it.each(['SCRAM-SHA-256', 'SCRAM-SHA-1', 'PLAIN'] as const)('with a wrong password by %s, and counted', async (mechanism) => {
    await expect(websocket('alice', { ...wrong, mechanism })).rejects.toThrow('not-authorized');
    if (mechanism !== 'PLAIN') await expect.poll(() => test.control.failures).toContainEqual({ name: 'alice' });
  });

  it('with a wrong password over TCP', async () => {
    await expect(tcp('alice', { ...wrong, mechanism: 'PLAIN' })).rejects.toThrow('not-authorized');
  });

  it('for an unknown name in the same way', async () => {
    for (const mechanism of ['SCRAM-SHA-256', 'PLAIN'] as const) {
      await expect(websocket('nobody-here', { ...wrong, mechanism })).rejects.toThrow('not-authorized');
    }
    await expect.poll(() => test.control.failures).toContainEqual({ name: 'nobody-here' });
  });

  it('for an unknown name with a salt that stays the same', async () => {
    const [first, second, other] = [
      await failToLogIn(test.websocketUrl, 'nobody-here'),
      await failToLogIn(test.websocketUrl, 'nobody-here'),
      await failToLogIn(test.websocketUrl, 'nobody-there'),
    ];
    expect(first.salt).toMatch(/^s=[\w+/]{22}==$/);
    expect(second.salt).toBe(first.salt);
    expect(other.salt).not.toBe(first.salt);
    expect(first.failure).toContain('<not-authorized/>');
  });

  it('and counted for the address that the proxy names', async () => {
    await failToLogIn(test.websocketUrl, 'alice', { 'x-forwarded-for': '203.0.113.7' });
    await expect.poll(() => test.control.failures).toContainEqual({ name: 'alice', address: '203.0.113.7' });
  });

  it('from an address that failed too often, whatever the name', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.8' };
    for (let failure = 0; failure < 60; failure++) await failToLogIn(test.websocketUrl, `name-${failure}`, headers);
    const { failure } = await failToLogIn(test.websocketUrl, 'alice', headers);
    expect(failure).toContain('<temporary-auth-failure');
    await websocket('alice');
  }, 30_000);

  it('for a token of somebody else or for another server', async () => {
    await expect(websocket('alice', await tokenFor('bob'))).rejects.toThrow('not-authorized');
    const { token } = await test.tokens.mint('alice', 'ergo');
    await expect(websocket('alice', { secret: token, mechanism: 'PLAIN' })).rejects.toThrow('not-authorized');
  });

  it('by PLAIN and every other way without TLS on the public port', async () => {
    const raw = await RawClient.open(test.appliance.settings.xmppPort);
    open.push(raw);
    const stream = `<stream:stream to="${domain}" version="1.0" xmlns="jabber:client" xmlns:stream="http://etherx.jabber.org/streams">`;
    const features = await raw.exchange(stream, '</stream:features>');
    expect(features).toContain('<starttls');
    expect(features).toContain('<required/>');
    expect(features).not.toContain('mechanism');
    const secret = Buffer.from(`\0alice\0${passwordOf('alice')}`).toString('base64');
    const answer = await raw.exchange(`<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="PLAIN">${secret}</auth>`, '</failure>');
    expect(answer).toContain('<encryption-required/>');
  });

  it('after too many failures, with a reason to try later', async () => {
    for (let failure = 0; failure < 10; failure++) {
      await expect(websocket('carol', { ...wrong, mechanism: 'PLAIN' })).rejects.toThrow('not-authorized');
    }
    await expect(websocket('carol', { mechanism: 'PLAIN' })).rejects.toThrow('temporary-auth-failure');
    await expect(websocket('carol')).rejects.toThrow('temporary-auth-failure');
  });

  it('while control is away, and let in when it is back', async () => {
    await test.control.close();
    for (const mechanism of ['SCRAM-SHA-256', 'PLAIN'] as const) {
      await expect(websocket('alice', { mechanism })).rejects.toThrow('temporary-auth-failure');
    }
    await test.control.listen();
    await websocket('alice');
  });
});

describe('the sessions of an account', () => {
  it('end when it is disabled, on both ways in, and no new one begins', async () => {
    const [agent, xmpp] = [await websocket('dave'), await tcp('dave', await tokenFor('dave'))];
    const told = eventOf<{ condition: string; text: string }>(xmpp, 'error');
    const ended = Promise.all([eventOf(xmpp, 'disconnect'), eventOf(agent as unknown as NodeJS.EventEmitter, 'disconnected')]);
    const began = performance.now();
    const dave = await getAccount(test.appliance.database, 'dave');
    await test.change((change) => disableAccount(change, dave));
    await ended;
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(await told).toMatchObject({ condition: 'policy-violation', text: 'This account is disabled' });
    expect(await test.api.listSessions()).toEqual([]);
    await expect(websocket('dave')).rejects.toThrow('not-authorized');
    await expect(websocket('dave', { mechanism: 'PLAIN' })).rejects.toThrow('account-disabled');
    await expect(websocket('dave', await tokenFor('dave'))).rejects.toThrow('account-disabled');
    await test.change(async (change) => enableAccount(change, await getAccount(change.queries, 'dave')));
    await websocket('dave');
  });

  it('end when it is disabled while their connection is broken', async () => {
    const agent = await websocket('dave');
    await expect.poll(() => agent.sm.started).toBe(true);
    (agent.transport as unknown as { socket: WebSocket & { terminate(): void } }).socket.terminate();
    await expect.poll(() => test.api.listSessions()).toMatchObject([{ name: 'dave', asleep: true }]);
    await test.change(async (change) => disableAccount(change, await getAccount(change.queries, 'dave')));
    expect(await test.api.listSessions()).toEqual([]);
    await test.change(async (change) => enableAccount(change, await getAccount(change.queries, 'dave')));
  });

  it('cannot begin with what was asked before it was disabled', async () => {
    const held = test.control.holdNextAnswer();
    const late = expect(websocket('dave', { mechanism: 'PLAIN' })).rejects.toThrow('not-authorized');
    const release = await held;
    await test.change(async (change) => disableAccount(change, await getAccount(change.queries, 'dave')));
    release();
    await late;
    await test.change(async (change) => enableAccount(change, await getAccount(change.queries, 'dave')));
  });

  it('end when the password changes, and the old one is refused at once', async () => {
    const agent = await websocket('carol');
    const ended = eventOf(agent as unknown as NodeJS.EventEmitter, 'disconnected');
    const keys = await createKeys('carol', 'another long password');
    await test.change(async (change) => changePassword(change, await getAccount(change.queries, 'carol'), keys));
    await ended;
    await expect(websocket('carol')).rejects.toThrow('not-authorized');
    await websocket('carol', { secret: 'another long password' });
  });

  it('are listed for the admin', async () => {
    await websocket('alice');
    expect(await test.api.listSessions()).toMatchObject([{ name: 'alice', asleep: false }]);
  });
});

describe('what others can read', () => {
  it('holds no secret: neither the configuration nor the log', () => {
    const secrets = (['internal', 'prosody-api', 'jwt'] as const).map((name) => loadSecret(test.appliance.settings.dataFolder, name));
    const config = readFileSync(prosodyPaths(test.appliance.settings).config, 'utf8');
    expect(test.output.length).toBeGreaterThan(10_000);
    for (const secret of [...secrets, passwordOf('alice'), Buffer.from(`\0alice\0${passwordOf('alice')}`).toString('base64')]) {
      expect(config.includes(secret)).toBe(false);
      expect(test.output.includes(secret)).toBe(false);
    }
  });

  it('does not include the provisioning API', async () => {
    for (const authorization of ['', 'Bearer ', `Bearer ${loadSecret(test.appliance.settings.dataFolder, 'internal')}`]) {
      const answer = await fetch(`${test.httpUrl}/kosmos/rooms`, { headers: { authorization } });
      expect(answer.status).toBe(401);
    }
  });
});
