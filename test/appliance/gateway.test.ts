import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../server/database/database.ts';
import { storeSetting } from '../../server/database/settings.ts';
import { requestComponent } from '../../server/foundation/http-client.ts';
import { readSettings } from '../../server/foundation/settings.ts';
import { topologyOf } from '../../server/foundation/topology.ts';
import { FakePushService } from '../daemon/support/push-service.ts';
import { Browser, type Heard } from '../gateway/support/browser.ts';
import { hasModeration } from '../gateway-xmpp/support/prosody.ts';
import { PASSWORD, TestAppliance, type Api } from '../support/appliance.ts';
import { eventually } from '../support/eventually.ts';
import { IrcClient } from '../support/irc.ts';
import { XmppClient, xml } from '../support/xmpp.ts';

let house: TestAppliance;
let ada: Api;

beforeAll(async () => {
  ({ appliance: house, ada } = await TestAppliance.startSetUp('irc'));
  await house.join(ada, 'orbit', 'bob');
});
afterAll(() => house.dispose());

const as = (name: string) => ({ type: 'person', id: `${name}@localhost`, name });
const general = { type: 'room', id: '#general@localhost', name: '#general' };

/** A browser of ours: through control's public port, by the cookie that log-in set. */
async function openBrowser(name: string, headers: Record<string, string> = {}): Promise<Browser> {
  const answer = await fetch(`${house.origin}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, password: PASSWORD }),
  });
  const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  return new Browser(house.origin, { cookie, headers: { origin: house.origin, ...headers } }).connected();
}

async function enter(browser: Browser, name: string): Promise<void> {
  const object = { type: 'credentials', nick: name, server: 'localhost' };
  await browser.says('credentials', { type: 'credentials', context: 'irc', actor: as(name), object });
  await browser.says('message', { type: 'connect', context: 'irc', actor: as(name) });
  await browser.says('message', { type: 'join', context: 'irc', actor: as(name), target: general });
}

const say = (browser: Browser, name: string, content: string) =>
  browser.says('message', { type: 'send', context: 'irc', actor: as(name), target: general, object: { type: 'message', content } });

describe('a team at home on XMPP', () => {
  const address = 'lounge@rooms.localhost';
  const room = { type: 'room', id: address, name: 'lounge' };
  const displayed = 'urn:xmpp:mds:displayed:0';
  const ask = (name: string, type: string, more: object = {}): object => ({ type, context: 'xmpp', actor: as(name), ...more });
  const says = (browser: Browser, name: string, content: string): Promise<Heard> =>
    browser.says('message', ask(name, 'send', { target: room, object: { type: 'message', content } }));
  const phoneOf = (name: string): Promise<XmppClient> =>
    XmppClient.logIn({ service: `xmpp://127.0.0.1:${house.xmppPort}`, certificate: house.certificate, name, password: PASSWORD });
  const inTheArchive = (content: string): Promise<unknown> =>
    eventually(`“${content}” is archived`, async () => {
      const { messages } = await ada.ask<{ messages: { text: string }[] }>(200, 'GET', '/api/teams/comet/channels/lounge/messages');
      return messages.some(({ text }) => text === content);
    });
  const unreadIs = (count: number): Promise<unknown> =>
    eventually(`${count} are unread`, async () => {
      const { channels } = await ada.ask<{ channels: { team: string; unread: number }[] }>(200, 'GET', '/api/unread');
      return channels.find(({ team }) => team === 'comet')?.unread === count;
    });

  async function entered(name: string): Promise<Browser> {
    const browser = await openBrowser(name);
    const object = { type: 'credentials', userAddress: `${name}@localhost`, resource: 'browser' };
    await browser.says('credentials', ask(name, 'credentials', { object }));
    await browser.says('message', ask(name, 'connect'));
    await browser.says('message', ask(name, 'join', { target: room }));
    return browser;
  }

  /** XEP-0490, by any client. */
  async function reads(phone: XmppClient, id: string): Promise<void> {
    const option = (name: string, value: string) => xml('field', { var: name }, xml('value', {}, value));
    const fields = [
      option('FORM_TYPE', 'http://jabber.org/protocol/pubsub#publish-options'),
      option('pubsub#persist_items', 'true'),
      option('pubsub#max_items', 'max'),
      option('pubsub#send_last_published_item', 'never'),
      option('pubsub#access_model', 'whitelist'),
    ];
    const marker = xml('displayed', { xmlns: displayed }, xml('stanza-id', { xmlns: 'urn:xmpp:sid:0', id, by: address }));
    const publish = xml('publish', { node: displayed }, xml('item', { id: address }, marker));
    const options = xml('publish-options', {}, xml('x', { xmlns: 'jabber:x:data', type: 'submit' }, ...fields));
    const pubsub = xml('pubsub', { xmlns: 'http://jabber.org/protocol/pubsub' }, publish, options);
    await phone.send(xml('iq', { type: 'set', id: `read-${id}` }, pubsub));
    await phone.receives(new RegExp(`type="result"[^>]*id="read-${id}"|id="read-${id}"[^>]*type="result"`));
  }

  /** A client that wants to be told what the account reads elsewhere (XEP-0115 and 0163). */
  async function wantsMarkers(phone: XmppClient): Promise<void> {
    const caps = xml('c', { xmlns: 'http://jabber.org/protocol/caps', hash: 'sha-1', node: 'https://phone.test', ver: 'x' });
    await phone.send(xml('presence', {}, caps));
    const question = await phone.receives(/disco#info/);
    const { id = '', from = '' } = question.attrs;
    const features = [displayed, `${displayed}+notify`].map((name) => xml('feature', { var: name }));
    const node = question.getChild('query')?.attrs.node ?? '';
    await phone.send(
      xml('iq', { type: 'result', id, to: from }, xml('query', { xmlns: 'http://jabber.org/protocol/disco#info', node }, ...features)),
    );
  }

  beforeAll(async () => {
    await ada.ask(201, 'POST', '/api/teams', { name: 'Comet', home: 'xmpp' });
    await ada.ask(201, 'POST', '/api/teams/comet/channels', { name: 'lounge' });
    await house.join(ada, 'comet', 'dora');
  });

  test('a browser and an XMPP client over TCP talk', async () => {
    const browser = await entered('ada');
    const dora = await phoneOf('dora');
    await dora.join(address);
    await says(browser, 'ada', 'hello from the browser ✨');
    expect((await dora.receives('hello from the browser ✨')).attrs.from).toBe(`${address}/ada`);
    await dora.say(address, 'and hello from XMPP');
    expect(await browser.hearsText('and hello from XMPP')).toMatchObject({ actor: { name: 'dora' }, target: { id: address } });
    await dora.close();
    browser.leaves();
  });

  test.skipIf(!hasModeration)('who moderates deletes what another wrote, for everybody and in the archive; others may not', async () => {
    const [browser, doras, dora] = [await entered('ada'), await entered('dora'), await phoneOf('dora')];
    await dora.join(address);
    const { id } = (await says(doras, 'dora', 'BUY NOW')).object;
    await inTheArchive('BUY NOW');
    await browser.says('message', ask('ada', 'delete', { target: room, object: { type: 'message', id, content: 'spam' } }));
    for (const one of [browser, doras]) {
      const heard = await one.hears(({ type, object }) => type === 'delete' && object.id === id, 'the deletion');
      expect(heard).toMatchObject({ actor: { name: 'ada' }, object: { content: 'spam', verified: true } });
    }
    expect((await dora.receives('moderated')).toString()).toContain(id);
    await eventually('it is gone from the archive', async () => {
      const found = await ada.ask<object>(200, 'GET', '/api/teams/comet/channels/lounge/messages');
      return !JSON.stringify(found).includes('BUY NOW');
    });
    const hers = await says(browser, 'ada', 'thank you');
    const refused = await doras.asks('message', ask('dora', 'delete', { target: room, object: { type: 'message', id: hers.object.id } }));
    expect(refused).toMatchObject({ errorCode: 'KOSMOS_ERR_SERVER_REFUSED', error: expect.stringContaining('forbidden') });
    await dora.close();
    for (const one of [browser, doras]) one.leaves();
  });

  test('what is read in a plain client is read in the browser and the appliance, and the other way round', async () => {
    const [browser, phone, dora] = [await entered('ada'), await phoneOf('ada'), await phoneOf('dora')];
    const says = async (content: string): Promise<Heard> => {
      await dora.say(address, content);
      const heard = await browser.hearsText(content);
      await inTheArchive(content);
      return heard;
    };
    const marked = ({ object }: Heard): Promise<Heard> =>
      browser.hears(
        (heard) =>
          heard.type === 'read' && heard.actor.name === 'ada' && heard.object.id === object.id && heard.object.published !== undefined,
        'a marker',
      );
    await dora.join(address);
    await wantsMarkers(phone);

    // XEP-0490
    const first = await says('read by the telephone');
    await reads(phone, first.object.id as string);
    expect(await marked(first)).toMatchObject({ target: { id: address }, object: { published: first.published } });
    await unreadIs(0);
    const second = await says('read in the browser');
    await unreadIs(1);
    await browser.says('message', ask('ada', 'read', { target: room, object: { type: 'marker', id: second.object.id } }));
    await phone.receives((stanza) => stanza.toString().includes(displayed) && stanza.toString().includes(second.object.id as string));
    await unreadIs(0);

    // XEP-0333, in the room and to a person: then it comes as a carbon
    await phone.join(address);
    const third = await says('displayed by the telephone');
    await phone.send(
      xml('message', { to: address, type: 'groupchat' }, xml('displayed', { xmlns: 'urn:xmpp:chat-markers:0', id: third.object.id })),
    );
    await marked(third);
    await unreadIs(0);
    await dora.say('ada@localhost', 'between us', 'chat');
    const direct = await browser.hearsText('between us');
    const mark = xml('displayed', { xmlns: 'urn:xmpp:chat-markers:0', id: direct.object.originId ?? direct.object.id });
    await phone.send(xml('message', { to: 'dora@localhost', type: 'chat' }, mark));
    await browser.hears(
      ({ type, target, object }) => type === 'read' && target?.id === 'dora@localhost' && object.id === direct.object.id,
      'the carbon',
    );

    // While no session of hers is at the gateway
    await browser.says('message', ask('ada', 'disconnect'));
    browser.leaves();
    await dora.say(address, 'in between');
    await inTheArchive('in between');
    await unreadIs(1);
    const copy = await phone.receives('in between');
    await reads(phone, copy.getChild('stanza-id')?.attrs.id ?? '');
    const back = await entered('ada');
    await unreadIs(0);
    await back.says('message', ask('ada', 'disconnect'));
    back.leaves();
    await dora.say(address, 'read in an app');
    const id = (await phone.receives('read in an app')).getChild('stanza-id')?.attrs.id ?? '';
    await inTheArchive('read in an app');
    await ada.ask(200, 'PUT', '/api/teams/comet/channels/lounge/marker', { upTo: id });
    const again = await entered('ada');
    await phone.receives((stanza) => stanza.toString().includes(displayed) && stanza.toString().includes(id));
    again.leaves();
    for (const one of [phone, dora]) await one.close();
  });

  test('a direct message from a plain client wakes the browser that is closed, and waits for the one that comes back', async () => {
    const push = await FakePushService.start();
    const subscription = { ...push.subscribe('ada'), endpoint: push.endpointOf('ada').replace('push.test', '127.0.0.1') };
    const database = openDatabase({ dataFolder: house.dataFolder, databaseUrl: undefined });
    await storeSetting(database, 'innerPlaces', [new URL(subscription.endpoint).host]);
    await database.destroy();
    await ada.ask(200, 'POST', '/api/admin/components/daemon/restart');
    await house.untilHealthy();
    await ada.ask(201, 'POST', '/web-push/register', { subscription });
    const [browser, phone, dora] = [await entered('ada'), await phoneOf('ada'), await phoneOf('dora')];
    browser.leaves();
    await eventually('no browser is at the gateway', async () => {
      const { gateway } = topologyOf(readSettings(house.environment));
      const { body } = await requestComponent('gateway', gateway, { method: 'GET', path: '/health' });
      return (JSON.parse(body) as { sockets: number }).sockets === 0;
    });
    await dora.say('ada@localhost', 'are you there?', 'chat');
    const payload = await eventually('the push', () =>
      push.received.map((one) => one.payload).find(({ text }) => text === 'are you there?'),
    );
    expect(payload).toMatchObject({ kind: 'direct', nick: 'dora', team: 'comet', conversation: 'dora@localhost' });
    // Read on the telephone it is read, for the browser that comes back too.
    const id = (await phone.receives('are you there?')).getChild('stanza-id')?.attrs.id ?? '';
    await phone.send(xml('message', { to: 'dora@localhost', type: 'chat' }, xml('displayed', { xmlns: 'urn:xmpp:chat-markers:0', id })));
    await eventually('the push is taken back', () => push.received.some((one) => one.payload.type === 'read'));
    const back = await entered('ada');
    const missed = await back.hearsText('are you there?');
    const read = await back.hears(({ type, target }) => type === 'read' && target?.id === 'dora@localhost', 'that it was read');
    expect(read.object).toMatchObject({ id: missed.object.id, published: missed.published });
    back.leaves();
    for (const one of [phone, dora]) await one.close();
    await push.stop();
  });
});

describe('a message from the browser to IRC and back', () => {
  test('a browser and a plain IRC client talk with one name and password each', async () => {
    const browser = await openBrowser('ada');
    await enter(browser, 'ada');
    const bob = await IrcClient.logIn({ port: house.ircsPort, certificate: house.certificate, name: 'bob', password: PASSWORD });
    bob.send('JOIN #general');
    await browser.hears(({ type, actor }) => type === 'join' && actor.name === 'bob', 'bob coming');
    await say(browser, 'ada', 'hello from the browser ✨');
    expect(await bob.receives('hello from the browser')).toMatch(/:ada!\S+ PRIVMSG #general :hello from the browser ✨$/);
    bob.send('PRIVMSG #general :and hello from IRC');
    expect(await browser.hearsText('and hello from IRC')).toMatchObject({ actor: { name: 'bob' }, target: general });
    bob.close();
    browser.leaves();
  });

  test('no session, no gateway; another site’s page gets none either', async () => {
    await expect(new Browser(house.origin, {}).connected()).rejects.toMatchObject({ data: { code: 'KOSMOS_ERR_UNAUTHENTICATED' } });
    await expect(openBrowser('ada', { origin: 'https://evil.example' })).rejects.toMatchObject({
      data: { code: 'KOSMOS_ERR_CROSS_ORIGIN' },
    });
  });

  test('a disabled account’s browser is cut off', async () => {
    await house.join(ada, 'orbit', 'carol');
    const browser = await openBrowser('carol');
    await enter(browser, 'carol');
    const cut = new Promise((resolve) => browser.socket.once('disconnect', resolve));
    await ada.ask(200, 'PATCH', '/api/teams/orbit/members/carol', { disabled: true });
    await cut;
    browser.leaves();
  });

  test('the gateway killed: the browser is back in its channel by saying the same again', async () => {
    const browser = await openBrowser('ada');
    await enter(browser, 'ada');
    const again = new Promise((resolve) =>
      browser.socket.once('disconnect', () => browser.socket.once('connect', () => resolve(undefined))),
    );
    process.kill(await house.componentPid('gateway'), 'SIGKILL');
    await again;
    await enter(browser, 'ada');
    expect((await say(browser, 'ada', 'still here')).object).toMatchObject({ content: 'still here' });
    browser.leaves();
  });
});
