import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Browser } from '../gateway/support/browser.ts';
import { PASSWORD, TestAppliance, type Api } from '../support/appliance.ts';
import { IrcClient } from '../support/irc.ts';
import { XmppClient } from '../support/xmpp.ts';

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

describe('a message from the browser to XMPP and back', () => {
  test('a browser and an XMPP client over TCP talk in a team that is at home there', async () => {
    await ada.ask(201, 'POST', '/api/teams', { name: 'Comet', home: 'xmpp' });
    await ada.ask(201, 'POST', '/api/teams/comet/channels', { name: 'lounge' });
    await house.join(ada, 'comet', 'dora');
    const room = { type: 'room', id: 'lounge@rooms.localhost', name: 'lounge' };
    const browser = await openBrowser('ada');
    const object = { type: 'credentials', userAddress: 'ada@localhost', resource: 'browser' };
    await browser.says('credentials', { type: 'credentials', context: 'xmpp', actor: as('ada'), object });
    await browser.says('message', { type: 'connect', context: 'xmpp', actor: as('ada') });
    await browser.says('message', { type: 'join', context: 'xmpp', actor: as('ada'), target: room });

    const service = `xmpp://127.0.0.1:${house.xmppPort}`;
    const dora = await XmppClient.logIn({ service, certificate: house.certificate, name: 'dora', password: PASSWORD });
    await dora.join('lounge@rooms.localhost');
    const content = 'hello from the browser ✨';
    const sent = { type: 'send', context: 'xmpp', actor: as('ada'), target: room, object: { type: 'message', content } };
    await browser.says('message', sent);
    expect((await dora.receives(content)).attrs.from).toBe('lounge@rooms.localhost/ada');
    await dora.say('lounge@rooms.localhost', 'and hello from XMPP');
    expect(await browser.hearsText('and hello from XMPP')).toMatchObject({ actor: { name: 'dora' }, target: { id: room.id } });
    await dora.close();
    browser.leaves();
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
