import type { Browser, BrowserContext, CDPSession, Page, Worker } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { topologyOf } from '../../server/foundation/topology.ts';
import { readSettings } from '../../server/foundation/settings.ts';
import { loadSecret } from '../../server/foundation/secrets.ts';
import { requestComponent } from '../../server/foundation/http-client.ts';
import { openDatabase } from '../../server/database/database.ts';
import { storeSetting } from '../../server/database/settings.ts';
import { FakePushService } from '../daemon/support/push-service.ts';
import { PASSWORD, TestAppliance, type Api } from '../support/appliance.ts';
import { eventually } from '../support/eventually.ts';
import { IrcClient } from '../support/irc.ts';
import { ChatWindow, openChromium } from './support/window.ts';

/**
 * A push from a mention in IRC to what Chromium shows. Chromium's own push service needs the Internet: here its PushManager gives a
 * subscription at a service on loopback, whose keys are real, and what that decrypts is handed to the service worker as Chromium would.
 */
let house: TestAppliance;
let ada: Api;
let bob: IrcClient;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let worker: Worker;
let cdp: CDPSession;
let fake: FakePushService;
const registration: { id?: string } = {};

beforeAll(async () => {
  fake = await FakePushService.start();
  house = await TestAppliance.create();
  await house.start();
  ada = await house.setUp('irc');
  await house.join(ada, 'orbit', 'bob');
  await trustLoopback();
  bob = await IrcClient.logIn({ port: house.ircsPort, certificate: house.certificate, name: 'bob', password: PASSWORD });
  bob.send('JOIN #general');
  await bob.receives(' 366 ');
  browser = await openChromium();
  const window = await ChatWindow.open(browser, house.origin);
  ({ context, page } = window);
  await context.grantPermissions(['notifications'], { origin: house.origin });
  await page.addInitScript(subscribeAt({ ...fake.subscribe('chromium'), endpoint: onLoopback('chromium') }));
  await window.logIn('ada');
  await openWorker();
});
afterAll(async () => {
  await browser?.close();
  bob?.close();
  await house?.dispose();
  await fake?.stop();
});

/** By address: no name server knows the service. */
const onLoopback = (name: string): string => fake.endpointOf(name).replace('push.test', '127.0.0.1');

/** As an admin would who runs a push service in the own network. */
async function trustLoopback(): Promise<void> {
  const database = openDatabase({ dataFolder: house.dataFolder, databaseUrl: undefined });
  await storeSetting(database, 'innerPlaces', [new URL(onLoopback('')).host]);
  await database.destroy();
  await ada.ask(200, 'POST', '/api/admin/components/daemon/restart');
}

/** In the page: the border to the network of the browser's maker, which is not here. Text, for it runs with the browser's types. */
const subscribeAt = (subscription: object): string => `{
  const subscription = ${JSON.stringify(subscription)};
  const fake = { ...subscription, toJSON: () => subscription, unsubscribe: async () => true };
  let current = null;
  Object.assign(PushManager.prototype, {
    subscribe: async ({ applicationServerKey }) => {
      if (applicationServerKey.length !== 65) throw new Error('no VAPID key');
      return (current = fake);
    },
    getSubscription: async () => current,
  });
}`;

async function openWorker(): Promise<void> {
  worker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'));
  cdp = await context.newCDPSession(page);
  cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
    registration.id = registrations.find(({ scopeURL }) => scopeURL.startsWith(house.origin))?.registrationId ?? registration.id;
  });
  await cdp.send('ServiceWorker.enable');
  await eventually('the service worker is registered', () => registration.id);
}

let brought = 0;

/** The next such push that the service got, decrypted, brought to the service worker; others before it are passed over. */
async function bring(wanted: Record<string, unknown>): Promise<Record<string, unknown>> {
  const isWanted = (payload: Record<string, unknown>): boolean => Object.entries(wanted).every(([key, value]) => payload[key] === value);
  const find = (): number => fake.received.findIndex(({ payload }, at) => at >= brought && isWanted(payload as Record<string, unknown>));
  const at = await eventually(`a push like ${JSON.stringify(wanted)}`, () => (find() === -1 ? undefined : { index: find() }), 20_000);
  brought = at.index + 1;
  const payload = fake.received[at.index]?.payload as Record<string, unknown>;
  const { id: registrationId = '' } = registration;
  await cdp.send('ServiceWorker.deliverPushMessage', { origin: house.origin, registrationId, data: JSON.stringify(payload) });
  return payload;
}

interface Note {
  title: string;
  body: string;
  path: string;
}

const shown = (): Promise<Note[]> =>
  worker.evaluate<Note[]>(
    'self.registration.getNotifications().then((notes) => notes.map(({ title, body, data }) => ({ title, body, path: data.path })))',
  );

const inside = async (path: string, body: object): Promise<void> => {
  const settings = readSettings(house.environment);
  const { status } = await requestComponent('daemon', topologyOf(settings).daemon, {
    ...{ method: 'POST', path: `/internal/direct-messages${path}`, body },
    headers: { authorization: `Bearer ${loadSecret(settings.dataFolder, 'internal')}` },
  });
  expect(status).toBeLessThan(300);
};

/** What the page tells the daemon next, and the answer. */
async function focusSaid(): Promise<{ status: number; focused: boolean }> {
  const response = await page.waitForResponse((one) => one.url().endsWith('/web-push/focus'));
  return { status: response.status(), ...(response.request().postDataJSON() as { focused: boolean }) };
}

async function mentions(): Promise<number> {
  const { channels } = await ada.ask<{ channels: { mentions: number }[] }>(200, 'GET', '/api/unread');
  return channels.reduce((sum, channel) => sum + channel.mentions, 0);
}

test('switched on in the settings, tested, and shown', async () => {
  await page.goto(`${house.origin}/settings/notifications`);
  await page.getByLabel('Push notifications').check();
  await page.getByRole('button', { name: /test/i }).click();
  expect(await bring({ type: 'test' })).toEqual({ type: 'test' });
  expect(await eventually('the note', async () => (await shown())[0])).toMatchObject({
    title: 'Kosmos Chat',
    body: 'Push notifications arrive.',
  });
});

test('who looks gets no push; once the eyes are elsewhere the next one comes', async () => {
  const looks = focusSaid();
  await page.goto(`${house.origin}/settings/notifications`);
  expect(await looks).toEqual({ status: 204, focused: true });
  bob.send('PRIVMSG #general :ada: you see this anyway');
  await eventually('the mention is counted', async () => (await mentions()) === 1);
  const left = focusSaid();
  // Chromium without a screen never loses the focus by itself.
  await page.evaluate(`document.hasFocus = () => false; void window.dispatchEvent(new Event('blur'))`);
  expect(await left).toEqual({ status: 204, focused: false });
  bob.send('PRIVMSG #general :ada: where are you?');
  await bring({ kind: 'mention', text: 'ada: where are you?' });
  expect(fake.received.some(({ payload }) => JSON.stringify(payload).includes('you see this anyway'))).toBe(false);
});

test('a mention by a plain IRC client is shown with its place, and goes when it is read elsewhere', async () => {
  const start = performance.now();
  bob.send('PRIVMSG #general :ada: the rocket is ready');
  await bring({ type: 'message', kind: 'mention', nick: 'bob', text: 'ada: the rocket is ready' });
  console.info(`from IRC to the push service and the browser in ${Math.round(performance.now() - start)} ms`);
  const note = { title: 'bob · #general', body: 'ada: the rocket is ready', path: expect.stringMatching(/^\/orbit\/general\/./) };
  await eventually('the note', async () => (await shown()).find(({ body }) => body === note.body));
  expect(await shown()).toContainEqual(note);
  await ada.ask(200, 'PUT', '/api/teams/orbit/channels/general/marker', { upTo: new Date().toISOString() });
  await bring({ type: 'read' });
  await eventually('the end of the note', async () => !(await shown()).some(({ title }) => title === note.title));
});

test('a direct message that the gateway tells of is shown, and taken back', async () => {
  const message = { from: 'bob', id: 'd1', text: 'psst', at: new Date().toISOString(), team: 'orbit' };
  await inside('', { account: 'ada', conversation: 'irc bob', ...message });
  await bring({ text: 'psst' });
  await eventually('the note', async () =>
    (await shown()).find(({ title, body, path }) => title === 'bob' && body === 'psst' && path === '/orbit/%40bob'),
  );
  await inside('/read', { account: 'ada', conversation: 'irc bob' });
  await bring({ type: 'read' });
  await eventually('the end of the note', async () => !(await shown()).some(({ title }) => title === 'bob'));
});
