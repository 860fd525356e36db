import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Account } from '../../server/identity/accounts.ts';
import { PASSWORD, startAppliance, type TestAppliance } from './support/appliance.ts';
import { StorageClient } from './support/client.ts';

/** An unmodified remotestorage.js in a real browser: an app on another origin that keeps notes. */
const library = createRequire(import.meta.url).resolve('remotestoragejs/release/remotestorage.js');
const LIMIT = 30_000;
const html = `<!DOCTYPE html><meta charset="utf-8"><title>Notes</title><script src="/remotestorage.js"></script><script>
window.seen = [];
window.storage = new RemoteStorage({ changeEvents: { remote: true, local: false, window: false, conflict: true }, cordovaRedirectUri: undefined });
storage.access.claim('notes', 'rw');
storage.caching.enable('/notes/');
storage.setSyncInterval(2000);
window.notes = storage.scope('/notes/');
notes.on('change', (event) => event.newValue !== undefined && seen.push(event.relativePath + '=' + event.newValue));
for (const name of ['connected', 'not-connected', 'sync-done', 'network-offline', 'network-online', 'error'])
  storage.on(name, () => { window.last = window.last || {}; last[name] = (last[name] || 0) + 1; });
</script>`;

interface AppWindow {
  storage: { connect(address: string): void; remote: { connected: boolean; online: boolean }; sync: { sync(): Promise<void> } };
  notes: { storeFile(type: string, name: string, text: string): Promise<void>; getFile(name: string): Promise<{ data: string }> };
  seen: string[];
  last?: Record<string, number>;
}
declare const window: AppWindow;

let appliance: TestAppliance;
let alice: Account;
let app: http.Server;
let appOrigin = '';
let browser: Browser;
let page: Page;
let client: StorageClient;

beforeAll(async () => {
  appliance = await startAppliance();
  alice = await appliance.addAccount('alice');
  client = new StorageClient(`${appliance.origin}/storage/alice`, await appliance.token(alice, '*:rw'));
  app = http.createServer((request, response) => {
    const isLibrary = request.url === '/remotestorage.js';
    response.writeHead(200, { 'content-type': isLibrary ? 'text/javascript' : 'text/html' });
    response.end(isLibrary ? readFileSync(library) : html);
  });
  app.listen(0, '127.0.0.1');
  await once(app, 'listening');
  appOrigin = `http://127.0.0.1:${(app.address() as AddressInfo).port}`;
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'];
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args });
  page = await (await browser.newContext()).newPage();
});

afterAll(async () => {
  await browser.close();
  app.close();
  app.closeAllConnections();
  await appliance.close();
});

function stored(path: string): Promise<string | number> {
  return client.get(path).then(({ status, text }) => (status === 200 ? text : status));
}

it('connects by address and password through the page, and comes back with a token', async () => {
  await page.goto(appOrigin);
  await page.evaluate((address) => window.storage.connect(address), `alice@${appliance.host}`);
  await page.waitForURL(/\/storage\/-\/oauth\/alice/, { timeout: LIMIT });
  expect(await page.textContent('h1')).toBe(`Connect ${new URL(appOrigin).host}?`);
  await page.fill('#password', PASSWORD);
  await page.click('text=Allow >> nth=0');
  await page.waitForURL((url) => url.origin === appOrigin, { timeout: LIMIT });
  await page.waitForFunction(() => window.last?.connected, undefined, { timeout: LIMIT });
});

it('syncs both ways', async () => {
  await page.evaluate(() => window.notes.storeFile('text/plain', 'from browser', 'hello'));
  await expect.poll(() => stored('/notes/from%20browser'), { timeout: LIMIT }).toBe('hello');
  await client.put('/notes/folder/from-elsewhere', 'hi');
  await page.waitForFunction(() => window.seen.includes('folder/from-elsewhere=hi'), undefined, { timeout: LIMIT });
});

it('keeps working offline, and both sides agree after it came back', async () => {
  await page.context().setOffline(true);
  await page.evaluate(() => window.notes.storeFile('text/plain', 'from browser', 'changed offline'));
  await page.evaluate(() => window.notes.storeFile('text/plain', 'new', 'made offline'));
  expect(await page.evaluate(async () => (await window.notes.getFile('from browser')).data)).toBe('changed offline');
  await client.put('/notes/folder/from-elsewhere', 'changed meanwhile');
  await page.waitForFunction(() => window.last?.['network-offline'], undefined, { timeout: LIMIT });
  expect(await stored('/notes/from%20browser')).toBe('hello');
  await page.context().setOffline(false);
  await expect.poll(() => stored('/notes/from%20browser'), { timeout: LIMIT }).toBe('changed offline');
  await expect.poll(() => stored('/notes/new'), { timeout: LIMIT }).toBe('made offline');
  await page.waitForFunction(() => window.seen.includes('folder/from-elsewhere=changed meanwhile'), undefined, { timeout: LIMIT });
});

it('stays connected over a reload, without asking again', async () => {
  await page.goto(appOrigin);
  await page.waitForFunction(() => window.last?.connected, undefined, { timeout: LIMIT });
  await page.waitForFunction(async () => (await window.notes.getFile('new')).data === 'made offline', undefined, { timeout: LIMIT });
});
