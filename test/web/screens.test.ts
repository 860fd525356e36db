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
  { theme: 'dark', isPhone: true },
] as const)('no screen is a barrier: %o', async (look) => {
  const window = await ChatWindow.open(chromium, house.origin, look);
  const { page } = window;
  await window.go('/login');
  await page.waitForSelector('#name');
  expect(await window.barriers()).toEqual([]);
  await window.logIn('ada');
  await window.sees('erste Nachricht');
  expect(await window.barriers()).toEqual([]);
  await page.click('.tool-button');
  await page.waitForSelector('.panel .person');
  expect(await window.barriers()).toEqual([]);
  await page.click('.panel-head .icon-button');
  await page.keyboard.press('Control+k');
  await page.waitForSelector('.switcher .place');
  expect(await window.barriers()).toEqual([]);
  await page.keyboard.press('Escape');
  if (look.isPhone) await page.click('.back-button');
  await page.click('.space-button');
  await page.click('.menu-item:has-text("Invite people")');
  await page.waitForSelector('.dialog .form');
  expect(await window.barriers()).toEqual([]);
  for (const section of ['account', 'appearance', 'notifications', 'sessions', 'data', 'clients']) {
    await window.go(`/settings/${section}`);
    await page.waitForSelector('.card');
    expect(await window.barriers(), section).toEqual([]);
  }
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
