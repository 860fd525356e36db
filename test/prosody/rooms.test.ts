import { xml } from '@xmpp/client';
import type { Agent } from 'stanza';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { getAccount } from '../../server/identity/accounts.ts';
import { addToChannel, removeFromChannel } from '../../server/teams/access.ts';
import { changeChannel, createChannel, removeChannel, type Channel } from '../../server/teams/channels.ts';
import { addMember, changeRole, getMember, removeMember } from '../../server/teams/members.ts';
import { createTeam, type Team } from '../../server/teams/teams.ts';
import { domain, TestAppliance } from './appliance.ts';
import { eventOf, logInByTcp, logInByWebsocket, stanzaOf } from './clients.ts';

const roomsDomain = `rooms.${domain}`;
let test: TestAppliance;
let red: Team;
let blue: Team;
let general: Channel;
let secret: Channel;
const open: Agent[] = [];

const logIn = async (name: string): Promise<Agent> => {
  const agent = await logInByWebsocket(test, name);
  open.push(agent);
  return agent;
};
const events = (agent: Agent): NodeJS.EventEmitter => agent as unknown as NodeJS.EventEmitter;
const jidOf = (channel: Channel): string => `${channel.address}@${roomsDomain}`;
const join = async (name: string, channel: Channel): Promise<Agent> => {
  const agent = await logIn(name);
  await agent.joinRoom(jidOf(channel), name);
  return agent;
};
/** A message in a room that says `body`. */
const said = (agent: Agent, body: string) =>
  eventOf<{ body?: string; from: string }>(events(agent), 'groupchat', (message) => message.body === body);
const refusal = (condition: string) => ({ error: { condition } });

beforeAll(async () => {
  test = await TestAppliance.start();
  red = await test.change((change) => createTeam(change, { name: 'Red', home: 'xmpp' }));
  blue = await test.change((change) => createTeam(change, { name: 'Blue', home: 'xmpp' }));
  await test.addPerson('olga', red, 'owner');
  for (const name of ['alice', 'bob', 'carol']) await test.addPerson(name, red);
  await test.addPerson('gus', red, 'guest');
  await test.addPerson('mallory', blue, 'owner');
  general = await test.change((change) => createChannel(change, red, { name: 'general', topic: 'Everything' }));
  secret = await test.change((change) => createChannel(change, red, { name: 'secret', isPrivate: true }));
  const alice = await getMember(test.appliance.database, red, 'alice');
  await test.change((change) => addToChannel(change, secret, alice));
});
afterEach(() => Promise.all(open.splice(0).map((agent) => agent.disconnect())));
afterAll(() => test?.close());

describe('a room', () => {
  it('lets members talk both ways, between TCP and websocket, with real addresses', async () => {
    const alice = await join('alice', general);
    const bob = await logInByTcp(test, 'bob', { secret: (await test.tokens.mint('bob', 'prosody')).token, mechanism: 'PLAIN' });
    const arrived = eventOf<{ muc?: { jid?: string } }>(
      events(alice),
      'muc:available',
      (presence) => presence.muc?.jid?.startsWith('bob@') ?? false,
    );
    await bob.send(xml('presence', { to: `${jidOf(general)}/bob` }, xml('x', { xmlns: 'http://jabber.org/protocol/muc' })));
    expect((await arrived).muc?.jid).toContain(`bob@${domain}/`);
    const heard = stanzaOf(bob, (element) => element.is('message') && element.getChildText('body') === 'hello bob');
    alice.sendMessage({ to: jidOf(general), type: 'groupchat', body: 'hello bob' });
    expect((await heard).attrs.from).toBe(`${jidOf(general)}/alice`);
    const answered = said(alice, 'hello alice');
    await bob.send(xml('message', { to: jidOf(general), type: 'groupchat' }, xml('body', {}, 'hello alice')));
    expect((await answered).from).toBe(`${jidOf(general)}/bob`);
    await bob.stop();
  });

  it('refuses members of another team, guests it was not opened to, and everybody but its own when private', async () => {
    for (const name of ['mallory', 'gus']) {
      await expect((await logIn(name)).joinRoom(jidOf(general), name)).rejects.toMatchObject(refusal('registration-required'));
    }
    for (const name of ['bob', 'olga']) {
      await expect((await logIn(name)).joinRoom(jidOf(secret), name)).rejects.toMatchObject(refusal('registration-required'));
    }
    await join('alice', secret);
  });

  it('is listed for those who may enter it, a private one for nobody', async () => {
    const listed = async (name: string) => (await (await logIn(name)).getDiscoItems(roomsDomain)).items.map(({ jid }) => jid);
    expect(await listed('alice')).toEqual([jidOf(general)]);
    expect(await listed('mallory')).toEqual([]);
    const mallory = await logIn('mallory');
    for (const channel of [general, secret]) {
      await expect(mallory.getDiscoInfo(jidOf(channel))).rejects.toMatchObject(refusal('item-not-found'));
    }
    const { features } = await (await logIn('alice')).getDiscoInfo(jidOf(general));
    expect(features).toEqual(expect.arrayContaining(['muc_membersonly', 'muc_persistent', 'muc_nonanonymous', 'urn:xmpp:mam:2']));
  });

  it('is made, configured and removed by nobody but control', async () => {
    const olga = await join('olga', general);
    await expect(olga.joinRoom(`mine@${roomsDomain}`, 'olga')).rejects.toMatchObject(refusal('not-allowed'));
    const form = { type: 'submit' as const, fields: [{ name: 'muc#roomconfig_membersonly', value: '0' }] };
    await expect(olga.configureRoom(jidOf(general), form)).rejects.toMatchObject(refusal('forbidden'));
    await expect(olga.destroyRoom(jidOf(general))).rejects.toMatchObject(refusal('forbidden'));
    expect([...(await test.api.listRooms()).keys()].sort()).toEqual(['general', 'secret']);
  });

  it('opens for nobody by an admin’s hand or invitation', async () => {
    const olga = await join('olga', general);
    for (const [name, affiliation] of [
      ['mallory', 'member'],
      ['bob', 'none'],
      ['bob', 'outcast'],
      ['bob', 'admin'],
    ] as const) {
      await expect(olga.setRoomAffiliation(jidOf(general), `${name}@${domain}`, affiliation)).rejects.toMatchObject(refusal('not-allowed'));
    }
    const refused = eventOf<{ error?: { condition: string } }>(events(olga), 'message:error');
    olga.invite(jidOf(general), { to: `mallory@${domain}` });
    expect((await refused).error?.condition).toBe('forbidden');
    await expect((await logIn('mallory')).joinRoom(jidOf(general), 'mallory')).rejects.toMatchObject(refusal('registration-required'));
    expect((await test.api.describeRoom('general')).affiliations).toEqual({
      kosmos: 'admin',
      olga: 'admin',
      alice: 'member',
      bob: 'member',
      carol: 'member',
    });
  });

  it('is not read from outside', async () => {
    const alice = await join('alice', general);
    const echoed = said(alice, 'for the team alone');
    alice.sendMessage({ to: jidOf(general), type: 'groupchat', body: 'for the team alone' });
    await echoed;
    const mallory = await logIn('mallory');
    await expect(mallory.searchHistory(jidOf(general), {})).rejects.toMatchObject(refusal('forbidden'));
  });

  it('lets nobody take the name of another account', async () => {
    const bob = await logIn('bob');
    await expect(bob.joinRoom(jidOf(general), 'Alice')).rejects.toMatchObject(refusal('conflict'));
    await bob.joinRoom(jidOf(general), 'bob');
    const refused = eventOf<{ error?: { condition: string } }>(events(bob), 'presence:error');
    bob.changeNick(jidOf(general), 'mallory').catch(() => undefined);
    expect((await refused).error?.condition).toBe('conflict');
    await bob.joinRoom(jidOf(general), 'bobby');
  });

  it('has its topic from control and from members', async () => {
    const alice = await logIn('alice');
    const first = eventOf<{ subject?: string }>(events(alice), 'muc:topic');
    await alice.joinRoom(jidOf(general), 'alice');
    expect(await first).toMatchObject({ topic: 'Everything' });
    const changed = eventOf<{ topic: string }>(events(alice), 'muc:topic', ({ topic }) => topic === 'Lunch');
    await alice.setSubject(jidOf(general), 'Lunch');
    await changed;
    await test.reconcile();
    expect(await test.api.describeRoom('general')).toMatchObject({ subject: 'Lunch', topic: 'Everything' });
    const again = eventOf<{ topic: string }>(events(alice), 'muc:topic', ({ topic }) => topic === 'Work');
    general = await test.change((change) => changeChannel(change, general, { topic: 'Work' }));
    await again;
  });
});

describe('a change in the appliance', () => {
  const thrownOut = (agent: Agent) =>
    eventOf<{ muc?: { statusCodes?: string[] } }>(events(agent), 'muc:leave', ({ muc }) => muc?.statusCodes?.includes('110') ?? false);

  it('throws out who is removed from the team', async () => {
    const carol = await join('carol', general);
    const out = thrownOut(carol);
    const member = await getMember(test.appliance.database, red, 'carol');
    await test.change((change) => removeMember(change, red, member));
    expect((await out).muc?.statusCodes).toContain('321');
    await expect(carol.joinRoom(jidOf(general), 'carol')).rejects.toMatchObject(refusal('registration-required'));
    await test.change(async (change) => addMember(change, red, await getAccount(change.queries, 'carol'), 'member'));
    await carol.joinRoom(jidOf(general), 'carol');
  });

  it('opens and closes a private channel for one member', async () => {
    const member = await getMember(test.appliance.database, red, 'bob');
    await test.change((change) => addToChannel(change, secret, member));
    const bob = await join('bob', secret);
    const out = thrownOut(bob);
    await test.change((change) => removeFromChannel(change, secret, member));
    await out;
  });

  it('makes a public channel private, with everybody out whom it was not opened to', async () => {
    const channel = await test.change((change) => createChannel(change, red, { name: 'plans' }));
    const [alice, olga] = [await join('alice', channel), await logIn('olga')];
    expect((await olga.getDiscoItems(roomsDomain)).items.map(({ jid }) => jid)).toContain(jidOf(channel));
    const out = thrownOut(alice);
    await test.change((change) => changeChannel(change, channel, { isPrivate: true }));
    await out;
    expect((await olga.getDiscoItems(roomsDomain)).items.map(({ jid }) => jid)).not.toContain(jidOf(channel));
  });

  it('makes an admin moderator and back, in the room at once', async () => {
    const bob = await join('bob', general);
    const roles = ['moderator', 'participant'].map((role) =>
      eventOf<{ muc?: { role?: string } }>(events(bob), 'muc:available', ({ muc }) => muc?.role === role),
    );
    for (const role of ['admin', 'member'] as const) {
      const member = await getMember(test.appliance.database, red, 'bob');
      await test.change((change) => changeRole(change, red, member, role));
    }
    await Promise.all(roles);
  });

  it('removes a channel under its occupants, and a new one may have its address', async () => {
    const channel = await test.change((change) => createChannel(change, red, { name: 'short-lived' }));
    const alice = await join('alice', channel);
    const gone = eventOf<{ reason?: string }>(events(alice), 'muc:destroyed');
    await test.change((change) => removeChannel(change, channel));
    expect((await gone).reason).toBe('This channel was removed');
    await expect(alice.joinRoom(jidOf(channel), 'alice')).rejects.toMatchObject(refusal('not-allowed'));
    const again = await test.change((change) => createChannel(change, blue, { name: 'short-lived' }));
    expect(again.address).toBe('short-lived');
    await expect(alice.joinRoom(jidOf(again), 'alice')).rejects.toMatchObject(refusal('registration-required'));
  });

  it.each(['straße', 'λόγος', '日本語', 'שלום', 'ꭰꭱ'])('makes the channel “%s”, which a client can enter', async (name) => {
    const channel = await test.change((change) => createChannel(change, red, { name }));
    const alice = await join('alice', channel);
    const echoed = said(alice, name);
    alice.sendMessage({ to: jidOf(channel), type: 'groupchat', body: name });
    await echoed;
    expect(await test.api.describeRoom(channel.address)).toMatchObject({ name, occupants: { alice: 'alice' } });
  });

  it('gives the channel of another team with the same name an address with a dot', async () => {
    const channel = await test.change((change) => createChannel(change, blue, { name: 'general' }));
    expect(channel.address).toBe('blue.general');
    await join('mallory', channel);
  });
});
