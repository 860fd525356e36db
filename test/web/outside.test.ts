import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../server/database/database.ts';
import { storeSetting } from '../../server/database/settings.ts';
import { readSettings } from '../../server/foundation/settings.ts';
import { findFreePort } from '../support/ports.ts';
import { startErgo, type Ergo } from '../gateway/support/ergo.ts';
import { startNgircd } from '../gateway/support/ngircd.ts';
import type { ServerProcess } from '../gateway/support/process.ts';
import { DOMAIN, PASSWORD as XMPP_PASSWORD, Prosody } from '../gateway-xmpp/support/prosody.ts';
import { TestAppliance } from '../support/appliance.ts';
import { eventually } from '../support/eventually.ts';
import { ChatWindow, openChromium } from './support/window.ts';

/** Three servers of somebody else: a plain IRC one, one with NickServ and SASL, and a Prosody. */
let folder: string;
let ngircd: ServerProcess;
let ngircdPort: number;
let ergo: Ergo;
let prosody: Prosody;
let house: TestAppliance;
let chromium: Browser;
let ada: ChatWindow;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'kosmos-outside-'));
  ngircdPort = await findFreePort();
  ngircd = await startNgircd(path.join(folder, 'ngircd'), ngircdPort);
  ergo = await startErgo(path.join(folder, 'ergo'), await findFreePort(), Buffer.alloc(32, 1));
  prosody = await Prosody.start({ accounts: ['alice', 'bob'] });
  const trusted = path.join(folder, 'trusted.pem');
  writeFileSync(trusted, prosody.certificate);
  const started = await TestAppliance.startSetUp('irc', { NODE_EXTRA_CA_CERTS: trusted });
  house = started.appliance;
  const database = openDatabase(readSettings(house.environment));
  const ports = [ngircdPort, ergo.port, prosody.clientPort];
  await storeSetting(database, 'gatewayHosts', { inside: ports.map((port) => `127.0.0.1:${port}`) });
  await database.destroy();
  await started.ada.send('POST', '/api/admin/components/gateway/restart');
  await eventually('the gateway is back', async () => (await house.health())?.components['gateway']?.state === 'ready');
  chromium = await openChromium();
  ada = await (await ChatWindow.open(chromium, house.origin)).logIn('ada');
});
afterAll(async () => {
  await chromium?.close();
  await house?.dispose();
  await ngircd?.stop();
  await ergo?.stop();
  await prosody?.remove();
  rmSync(folder, { recursive: true, force: true });
});

async function addIrc(port: number, nick: string): Promise<void> {
  const { page } = ada;
  await page.click('.rail-add');
  await page.locator('.preset', { hasText: 'another server' }).first().click();
  await page.fill('#net-server', '127.0.0.1');
  await page.fill('#net-port', String(port));
  await page.check('input[name=insecure]');
  await page.fill('#net-user', nick);
  await page.click('.dialog button[type=submit]');
  await page.locator('.space-name', { hasText: '127.0.0.1' }).waitFor();
}

async function joinRoom(room: string): Promise<void> {
  await ada.page.locator('.section-head .icon-button').first().click();
  await ada.page.fill('#room', room);
  await ada.page.click('.dialog button[type=submit]');
  await ada.page.locator(`.channel-head h1`, { hasText: room.replace(/^#|@.*/g, '') }).waitFor();
}

async function removeNetwork(): Promise<void> {
  await ada.page.click('.space-button');
  await ada.page.click('.menu-item.danger');
  await ada.page.locator('.space-name', { hasText: 'Orbit' }).waitFor();
}

test('the presets name the networks, and only what they need is asked', async () => {
  await ada.page.click('.rail-add');
  await ada.page.locator('.preset').first().waitFor();
  expect(await ada.page.locator('.preset small').allTextContents()).toEqual([
    'irc.libera.chat',
    'irc.oftc.net',
    'another server',
    'another server',
  ]);
  expect(await ada.page.locator('.dialog .input').count()).toBe(2);
  await ada.page.keyboard.press('Escape');
});

test('a public IRC network stands beside the team: rooms, messages, and what it cannot do is not offered', async () => {
  await addIrc(ngircdPort, 'adalina');
  await joinRoom('#linux');
  await ada.say('is anybody here?');
  await ada.sees('is anybody here?');
  await ada.openTools('is anybody here?');
  expect(await ada.page.locator('.tools [aria-label="React"], .tools [aria-label="Edit"]').count()).toBe(0);
  await ada.page.reload();
  await ada.page.locator('.channel-head h1:text-is("linux")').waitFor();
  await ada.page.locator('.section-head .icon-button').first().click();
  await ada.page.click('.dialog .button:has-text("List")');
  await ada.page.locator('.dialog .channel-list li', { hasText: '#linux' }).locator('button').click();
  await ada.page.locator('.dialog').waitFor({ state: 'detached' });
  expect(await ada.page.locator('.rail-space').count()).toBe(2);
  await removeNetwork();
});

test('NickServ is led through, and SASL logs in from then on', async () => {
  await addIrc(ergo.port, 'adalina');
  await ada.page.click('.space-button');
  await ada.page.click('.menu-item:has-text("Your nick there")');
  await ada.page.fill('#nick-new', 'turnips-for-all');
  await ada.page.click('.dialog .button:has-text("Register")');
  await ada.page.locator('#nick-code').waitFor();
  await ada.page.fill('#nick-password', 'turnips-for-all');
  await ada.page.click('.dialog .button.primary:has-text("Log in")');
  await ada.page.locator('.toast', { hasText: 'logged in as adalina' }).waitFor();
  await joinRoom('#garden');
  await ada.say('/msg NickServ INFO adalina');
  await ada.sees('Account: adalina');
  expect(await ada.page.textContent('.timeline')).not.toContain('turnips-for-all');
  await removeNetwork();
});

test('an XMPP account elsewhere brings its contacts and rooms', async () => {
  const { page } = ada;
  await page.click('.rail-add');
  await page.locator('.preset', { hasText: 'XMPP' }).click();
  await page.fill('#net-user', `alice@${DOMAIN}`);
  await page.fill('#net-password', XMPP_PASSWORD);
  await page.click('.dialog summary');
  await page.fill('#net-server', '127.0.0.1');
  await page.fill('#net-port', String(prosody.clientPort));
  await page.click('.dialog button[type=submit]');
  await page.locator('.space-name', { hasText: DOMAIN }).waitFor();
  await joinRoom(`kitchen@rooms.${DOMAIN}`);
  await ada.say('soup is ready');
  await ada.sees('soup is ready');
  await ada.say(`/msg bob@${DOMAIN} come and eat`);
  await ada.sees('come and eat');
  await ada.itemMenu(`bob@${DOMAIN}`, 'Add to contacts');
  await page.locator('.item-name', { hasText: 'bob' }).first().waitFor();
  await page.reload();
  await page.locator('.sidebar .item:has(.presence)', { hasText: 'bob' }).waitFor();
  expect(ada.complaints).toEqual([]);
});
