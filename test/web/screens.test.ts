import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { TestAppliance } from '../support/appliance.ts';
import { ChatWindow, openChromium } from './support/window.ts';

let chromium: Browser;
let house: TestAppliance;
let invite = '';

beforeAll(async () => {
  chromium = await openChromium();
  house = await TestAppliance.create();
  await house.start();
});
afterAll(async () => {
  await chromium.close();
  await house.dispose();
});

test('from the printed link to the first message, in German', async () => {
  const window = await ChatWindow.open(chromium, house.origin, { language: 'de-DE' });
  const { page } = window;
  const token = readFileSync(path.join(house.dataFolder, 'secrets/setup'), 'utf8');
  await window.go(`/setup?token=${token}`);
  await page.waitForSelector('h1:text-is("Kosmos Chat einrichten")');
  await page.click('button[type=submit]');
  await page.fill('#team', 'Orbit');
  await page.reload();
  expect(await page.inputValue('#team')).toBe('Orbit');
  await page.click('button[type=submit]');
  await page.fill('#owner', 'ada');
  await page.fill('#new-password', 'correct horse battery');
  await page.click('button[type=submit]');
  await page.click('button[type=submit]:has-text("Einrichten")');
  invite = await page.inputValue('.invite-share .input');
  expect(invite).toMatch(/\/invite\/[\w-]+$/);
  await page.click('.button:has-text("Zum Chat")');
  await page.waitForSelector('.composer-text');
  await window.say('erste Nachricht');
  await window.sees('erste Nachricht');
  expect(window.complaints).toEqual([]);
  await window.context.close();
});

test('an invite link leads to the channel with its history in three clicks; a taken name is said at once', async () => {
  const window = await ChatWindow.open(chromium, house.origin);
  const { page } = window;
  await window.go(new URL(invite).pathname);
  await page.fill('#name', 'ada');
  await page.waitForSelector('.field.has-error');
  await page.fill('#name', 'bob');
  await page.fill('#new-password', 'correct horse battery');
  await page.waitForSelector('.field-note:has-text("free")');
  await page.click('button[type=submit]');
  await window.sees('erste Nachricht');
  expect(window.complaints).toEqual([]);
  await window.context.close();
});

test.each([
  { theme: 'light', isPhone: false },
  { theme: 'light', isPhone: true },
  { theme: 'dark', isPhone: false },
  { theme: 'dark', isPhone: true },
] as const)('no screen is a barrier: %o', { timeout: 120_000 }, async (look) => {
  const window = await ChatWindow.open(chromium, house.origin, look);
  const { page } = window;
  const found: Record<string, string[]> = {};
  const check = async (screen: string, sign: string) => {
    await page.locator(sign).first().waitFor();
    const barriers = await window.barriers();
    if (barriers.length > 0) found[screen] = barriers;
  };
  const dialog = async (screen: string, open: () => Promise<void>) => {
    await open();
    await check(screen, 'dialog[open]');
    await page.keyboard.press('Escape');
    await page.locator('dialog[open]').waitFor({ state: 'detached' });
  };
  const fromSpace = (item: string) => async () => {
    if (look.isPhone && !(await page.locator('.space-button').isVisible())) await page.click('.back-button');
    await page.click('.space-button');
    await page.click(`.menu-item:has-text("${item}")`);
  };

  await window.go('/login');
  await check('log-in', '#name');
  for (const address of ['/invite/nothing', '/reset/nothing']) {
    await window.go(address);
    await check(address, '.form-error');
  }
  await window.logIn('ada');
  await window.sees('erste Nachricht');
  await check('chat', '.timeline .message');
  await window.openTools('erste Nachricht');
  await check('tools of a message', '.tools');
  await page.click('.tools [aria-label="Reply"]');
  await check('an answer', '.composer-context');
  await page.press('.composer-text', 'Escape');
  await page.locator('.composer-text').fill('/to');
  await check('completions', '.completion');
  await page.locator('.composer-text').fill('');
  await page.click('.composer-emoji .icon-button');
  await check('emoji', '.emoji-popover button');
  await page.keyboard.press('Escape');
  await page.click('.tool-button');
  await check('members', '.panel .person');
  await page.click('.panel-head .icon-button');
  await page.click('.channel-tools [aria-label="Search"]');
  await page.fill('.panel input[type=search]', 'nachricht');
  await check('search', '.panel');
  await page.click('.panel-head .icon-button');
  await dialog('switcher', () => page.keyboard.press('Control+k'));
  for (const item of ['Invite people', 'New channel', 'Browse channels']) await dialog(item, fromSpace(item));
  await dialog('a network', () => page.click('.rail-add'));
  await dialog('keyboard', async () => {
    await page.locator('.rail-add').focus();
    await page.keyboard.press('?');
  });
  for (const section of ['account', 'security', 'appearance', 'notifications', 'sessions', 'data', 'clients']) {
    await window.go(`/settings/${section}`);
    await check(`settings: ${section}`, '.card');
  }
  expect(found).toEqual({});
  await window.context.close();
});

test('sessions are listed, and an ended one is out', async () => {
  const one = await (await ChatWindow.open(chromium, house.origin)).logIn('ada');
  const other = await (await ChatWindow.open(chromium, house.origin)).logIn('ada');
  await one.go('/settings/sessions');
  const others = one.page.locator('.channel-list li:not(:has(.tag))');
  await others.first().waitFor();
  for (let left = await others.count(); left > 0; left--) {
    await others.first().locator('.button').click();
    await others.nth(left - 1).waitFor({ state: 'detached' });
  }
  await other.page.reload();
  await other.page.waitForSelector('#password');
  await one.page.reload();
  await one.page.waitForSelector('.channel-list .tag');
  await one.context.close();
  await other.context.close();
});
