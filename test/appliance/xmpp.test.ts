import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PASSWORD, TestAppliance, type Api } from '../support/appliance.ts';
import { eventually } from '../support/eventually.ts';
import { XmppClient, xml } from '../support/xmpp.ts';

const general = 'general@rooms.localhost';
let house: TestAppliance;
let ada: Api;
let bob: Api;

beforeAll(async () => {
  ({ appliance: house, ada } = await TestAppliance.startSetUp('xmpp'));
  bob = await house.join(ada, 'orbit', 'bob');
  await house.join(ada, 'orbit', 'carol');
});
afterAll(() => house.dispose());

/** As a desktop or phone client: TCP, STARTTLS, SCRAM. */
const overTcp = (name: string, password = PASSWORD): Promise<XmppClient> =>
  XmppClient.logIn({ service: `xmpp://127.0.0.1:${house.xmppPort}`, certificate: house.certificate, name, password });
const overWebsocket = (name: string, password = PASSWORD): Promise<XmppClient> =>
  XmppClient.logIn({ service: `ws://127.0.0.1:${house.internalPort}/xmpp-websocket`, name, password });

describe('a team at home on XMPP', () => {
  test('two members talk, one over TCP with TLS, one over the websocket', async () => {
    const [a, b] = [await overTcp('ada'), await overWebsocket('bob')];
    await a.join(general);
    await b.join(general);
    await a.receives(/presence.*general@rooms.localhost\/bob/);
    await b.say(general, 'hello <world> & grüß dich');
    expect((await a.receives('hello')).getChildText('body')).toBe('hello <world> & grüß dich');
    await a.say('bob@localhost', 'just to you', 'chat');
    expect((await b.receives('just to you')).attrs.from).toBe(a.jid);
    await Promise.all([a.close(), b.close()]);
  });

  test('a wrong password and an unknown name are refused', async () => {
    for (const logIn of [overTcp, overWebsocket]) {
      await expect(logIn('bob', 'not the password')).rejects.toThrow('not-authorized');
      await expect(logIn('mallory')).rejects.toThrow('not-authorized');
    }
  });

  test('members make no rooms and change none', async () => {
    const b = await overTcp('bob');
    await expect(b.join('bobs-own@rooms.localhost')).rejects.toThrow(/not-allowed|forbidden|registration-required|item-not-found/);
    await b.join(general);
    await b.send(xml('iq', { type: 'get', id: 'conf', to: general }, xml('query', { xmlns: 'http://jabber.org/protocol/muc#owner' })));
    expect((await b.receives(/id="conf"/)).toString()).toContain('forbidden');
    await b.close();
  });

  test('a private channel is for those it was opened to, from the moment on that the API says so', async () => {
    await ada.ask(201, 'POST', '/api/teams/orbit/channels', { name: 'Plans', private: true, topic: 'sh!' });
    const plans = 'plans@rooms.localhost';
    const b = await overTcp('bob');
    await expect(b.join(plans)).rejects.toThrow('registration-required');
    await b.send(
      xml('iq', { type: 'get', id: 'rooms', to: 'rooms.localhost' }, xml('query', { xmlns: 'http://jabber.org/protocol/disco#items' })),
    );
    const listed = (await b.receives(/id="rooms"/)).toString();
    expect(listed).toContain(general);
    expect(listed).not.toContain(plans);

    await ada.ask(204, 'PUT', '/api/teams/orbit/channels/plans/members/bob');
    await b.join(plans);
    await b.receives(/<subject>sh!<\/subject>/);
    await ada.ask(204, 'DELETE', '/api/teams/orbit/channels/plans/members/bob');
    await b.receives(/unavailable.* code="321"/);
    await expect(b.join(plans)).rejects.toThrow('registration-required');
    await b.close();
  });

  test('another team’s channels are closed', async () => {
    await ada.ask(201, 'POST', '/api/teams', { name: 'Comet', home: 'xmpp' });
    await ada.ask(201, 'POST', '/api/teams/comet/channels', { name: 'general' });
    const b = await overTcp('bob');
    await expect(b.join('comet.general@rooms.localhost')).rejects.toThrow('registration-required');
    await b.close();
  });

  test('the old password is refused at once everywhere', async () => {
    const api = await house.logIn('carol');
    await api.ask(204, 'POST', '/api/account/password', { password: PASSWORD, newPassword: 'a brand new horse' });
    for (const logIn of [overTcp, overWebsocket]) {
      await expect(logIn('carol')).rejects.toThrow('not-authorized');
      await (await logIn('carol', 'a brand new horse')).close();
    }
  });

  test('a disabled account is thrown out within 5 s and stays out until it is enabled', async () => {
    await house.join(ada, 'orbit', 'dave');
    const live = [await overTcp('dave'), await overWebsocket('dave')];
    await ada.ask(200, 'PATCH', '/api/teams/orbit/members/dave', { disabled: true });
    for (const session of live) await session.isCutOff(5_000);
    for (const logIn of [overTcp, overWebsocket]) await expect(logIn('dave')).rejects.toThrow(/not-authorized|account-disabled/);
    await ada.ask(200, 'PATCH', '/api/teams/orbit/members/dave', { disabled: false });
    const again = await overTcp('dave');
    await again.join(general);
    await again.close();
  });

  test('Prosody killed, and Prosody’s data deleted: everything that was provisioned is there again', async () => {
    await bob.ask(201, 'POST', '/api/teams/orbit/channels', { name: 'lasting', topic: 'still here' });
    const pid = await house.componentPid('prosody');
    process.kill(pid, 'SIGKILL');
    await eventually('Prosody is another process', async () => ![0, pid].includes(await house.componentPid('prosody')));
    await house.untilHealthy();

    await ada.ask(200, 'POST', '/api/admin/components/prosody/stop');
    await rm(`${house.dataFolder}/prosody`, { recursive: true });
    await ada.ask(200, 'POST', '/api/admin/components/prosody/start');
    const b = await overTcp('bob');
    await eventually('bob can join', () =>
      b.join('lasting@rooms.localhost').then(
        () => true,
        () => false,
      ),
    );
    await b.receives(/<subject>still here<\/subject>/);
    await expect(b.join('plans@rooms.localhost')).rejects.toThrow('registration-required');
    await b.close();
  });
});
