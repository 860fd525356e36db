import { afterAll, beforeAll, expect, test } from 'vitest';
import { PASSWORD, TestAppliance, type Api } from '../support/appliance.ts';
import { eventually } from '../support/eventually.ts';
import { IrcClient } from '../support/irc.ts';
import { SecondServer } from '../support/second-server.ts';
import { XmppClient } from '../support/xmpp.ts';
import { startAppliance } from '../storage/support/appliance.ts';

/** Orbit is at home on IRC, Comet on XMPP. Servers of others take the place of the appliance's own, and give it back. */
let house: TestAppliance;
let ada: Api;
const others: SecondServer[] = [];

beforeAll(async () => {
  ({ appliance: house, ada } = await TestAppliance.startSetUp('irc'));
  await house.join(ada, 'orbit', 'bob');
  await ada.ask(201, 'POST', '/api/teams', { name: 'Comet', home: 'xmpp' });
  await ada.ask(201, 'POST', '/api/teams/comet/channels', { name: 'tail' });
  const { token } = await ada.ask<{ token: string }>(201, 'POST', '/api/teams/comet/invites', {});
  await (await house.logIn('bob')).ask(201, 'POST', `/api/invites/${token}/accept`, {});
});
afterAll(async () => {
  await house.dispose();
  await Promise.all(others.map((server) => server.stop()));
});

const certificate = (): string => house.certificate;
const onIrc = (name: string, port: number): Promise<IrcClient> =>
  IrcClient.logIn({ port, certificate: certificate(), name, password: PASSWORD });
const onXmpp = (name: string, port: number): Promise<XmppClient> =>
  XmppClient.logIn({ service: `xmpp://127.0.0.1:${port}`, certificate: certificate(), name, password: PASSWORD });
const archived = (team: string, channel: string, text: string) =>
  eventually(`the archive has “${text}”`, async () => {
    const path = `/api/teams/${team}/channels/${channel}/messages`;
    const { messages } = await ada.ask<{ messages: { text: string }[] }>(200, 'GET', path);
    return messages.some((message) => message.text === text);
  });
const use = (status: number, name: string, host: string, port: number) =>
  ada.ask(status, 'PUT', `/api/admin/externals/${name}`, { host, port });

test.each(['ergo', 'prosody'])('what cannot take the place of %s is refused by the hop that failed, and nothing changes', async (name) => {
  const before = await house.componentPid(name);
  const hopOf = async (host: string, port: number) =>
    ((await use(502, name, host, port)) as { code: string; details: { hop: string } }).details.hop;
  expect(await hopOf('no-such-host.invalid', 1)).toBe('dns');
  expect(await hopOf('127.0.0.1', 1)).toBe('connect');
  expect(await hopOf('127.0.0.1', house.port)).toBe('protocol');
  expect(await house.componentPid(name)).toBe(before);
});

test('an Ergo of somebody else’s: members chat there, the archive follows, and the appliance’s own takes over again', async () => {
  const second = await SecondServer.ergo(house);
  others.push(second);
  expect(await use(200, 'ergo', '127.0.0.1', second.port)).toMatchObject({ current: { port: second.port } });
  const bob = await onIrc('bob', second.publicPort);
  bob.send('JOIN #general');
  await bob.receives(/JOIN .*#general/);
  const guest = await onIrc('ada', second.publicPort);
  guest.send('JOIN #general');
  await guest.receives(/ 366 /);
  bob.send('PRIVMSG #general :said at the other Ergo');
  await guest.receives('said at the other Ergo');
  await archived('orbit', 'general', 'said at the other Ergo');
  await ada.ask(201, 'POST', '/api/teams/orbit/channels', { name: 'made-there' });
  bob.send('JOIN #made-there');
  await bob.receives(/JOIN .*#made-there/);
  await ada.ask(200, 'PATCH', '/api/teams/orbit/members/bob', { disabled: true });
  await bob.isCutOff();
  await ada.ask(200, 'PATCH', '/api/teams/orbit/members/bob', { disabled: false });
  await expect(onIrc('bob', house.ircsPort)).rejects.toThrow();

  expect(await ada.ask(200, 'DELETE', '/api/admin/externals/ergo')).toMatchObject({ current: null });
  await house.untilHealthy();
  const back = await onIrc('bob', house.ircsPort);
  back.send('JOIN #made-there', 'PRIVMSG #made-there :home again');
  await archived('orbit', 'made-there', 'home again');
  back.close();
  guest.close();
  const { acts } = await ada.ask<{ acts: { details: object }[] }>(200, 'GET', '/api/admin/audit?action=component.external&order=asc');
  expect(acts.map(({ details }) => details)).toEqual([{ address: `127.0.0.1:${second.port}` }, { address: 'own' }]);
});

test('a Prosody of somebody else’s: the same', async () => {
  const second = await SecondServer.prosody(house);
  others.push(second);
  expect(await use(200, 'prosody', '127.0.0.1', second.port)).toMatchObject({ current: { port: second.port } });
  const bob = await onXmpp('bob', second.publicPort);
  const own = await onXmpp('ada', second.publicPort);
  await own.join('tail@rooms.localhost');
  await bob.join('tail@rooms.localhost');
  await bob.say('tail@rooms.localhost', 'said at the other Prosody');
  await own.receives('said at the other Prosody');
  await archived('comet', 'tail', 'said at the other Prosody');
  await ada.ask(201, 'POST', '/api/teams/comet/channels', { name: 'made-there' });
  await bob.join('made-there@rooms.localhost');
  expect((await house.health())?.components.prosody).toMatchObject({ state: 'ready' });
  await ada.ask(200, 'PATCH', '/api/teams/comet/members/bob', { disabled: true });
  await bob.isCutOff();
  await ada.ask(200, 'PATCH', '/api/teams/comet/members/bob', { disabled: false });
  await own.close();

  expect(await ada.ask(200, 'DELETE', '/api/admin/externals/prosody')).toMatchObject({ current: null });
  await house.untilHealthy();
  const back = await onXmpp('bob', house.xmppPort);
  await back.join('made-there@rooms.localhost');
  await back.say('made-there@rooms.localhost', 'home again');
  await archived('comet', 'made-there', 'home again');
  await back.close();
});

test('new accounts have their storage at another remoteStorage server, older ones keep theirs', async () => {
  const elsewhere = await startAppliance();
  try {
    const [host = '', port] = elsewhere.host.split(':');
    // It does not know ada yet: nobody would find a storage there.
    expect(await use(502, 'storage', host, Number(port))).toMatchObject({ details: { hop: 'protocol' } });
    await elsewhere.addAccount('ada');
    const carol = await elsewhere.addAccount('carol');
    expect(await use(200, 'storage', host, Number(port))).toMatchObject({ current: { host, port: Number(port) } });
    const api = await house.join(ada, 'orbit', 'carol');
    const where = (of: Api) => of.ask<{ address: string; elsewhere: boolean }>(200, 'GET', '/api/account/storage-address');
    await eventually('her storage is there', async () => (await where(api)).elsewhere);
    expect(await where(api)).toEqual({ address: `carol@${elsewhere.host}`, elsewhere: true });
    expect(await where(ada)).toEqual({ address: 'ada@localhost', elsewhere: false });
    const finger = await fetch(`${house.origin}/.well-known/webfinger?resource=acct:carol@localhost`);
    const { links } = (await finger.json()) as { links: { href: string }[] };
    const headers = { authorization: `Bearer ${await elsewhere.token(carol, '*:rw')}`, 'content-type': 'text/plain' };
    const put = await fetch(`${links[0]?.href}/notes/first`, { method: 'PUT', headers, body: 'kept over there' });
    expect(put.status).toBe(201);
    // Whom it does not know has the storage here all the same.
    const dora = await house.join(ada, 'orbit', 'dora');
    await ada.ask(200, 'DELETE', '/api/admin/externals/storage');
    expect(await where(dora)).toEqual({ address: 'dora@localhost', elsewhere: false });
  } finally {
    await elsewhere.close();
  }
});

test('Valkey is used by nothing, and the API says so', async () => {
  const { externals } = await ada.ask<{ externals: { name: string; supported: boolean; why: string }[] }>(
    200,
    'GET',
    '/api/admin/externals',
  );
  expect(externals.find(({ name }) => name === 'valkey')).toMatchObject({ supported: false, why: expect.stringMatching(/^Not used/) });
  await use(502, 'valkey', '127.0.0.1', 6379);
});
