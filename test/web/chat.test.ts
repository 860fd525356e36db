import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PASSWORD, TestAppliance, type Api } from '../support/appliance.ts';
import { attentionTests } from './scenes/attention.ts';
import { comfortTests } from './scenes/comfort.ts';
import { commandTests } from './scenes/commands.ts';
import { findingTests } from './scenes/finding.ts';
import { offlineTests } from './scenes/offline.ts';
import { ownDataTests } from './scenes/own-data.ts';
import { payloadTests } from './scenes/payloads.ts';
import { readingTests } from './scenes/reading.ts';
import { writingTests } from './scenes/writing.ts';
import type { Scene } from './support/scene.ts';
import { ChatWindow, openChromium } from './support/window.ts';

let chromium: Browser;
beforeAll(async () => {
  chromium = await openChromium();
});
afterAll(() => chromium.close());

describe.each(['irc', 'xmpp'] as const)('a team at home on %s', (home) => {
  let house: TestAppliance;
  let owner: Api;
  let ada: ChatWindow;
  let bob: ChatWindow;

  beforeAll(async () => {
    ({ appliance: house, ada: owner } = await TestAppliance.startSetUp(home));
    await house.join(owner, 'orbit', 'bob');
    await owner.ask(201, 'POST', '/api/teams/orbit/channels', { name: 'design', topic: 'Shapes' });
    await owner.send('POST', '/api/teams/orbit/channels', { name: 'random' });
    ada = await (await ChatWindow.open(chromium, house.origin)).logIn('ada');
    bob = await (await ChatWindow.open(chromium, house.origin)).logIn('bob');
  });
  afterAll(() => house.dispose());

  test('what one says the other reads, formatted, and no markup of theirs works', async () => {
    await ada.say('Hello **Bob**, <img src=x onerror=alert(1)> see #design');
    const message = await bob.sees('Hello Bob');
    expect(await message.locator('strong').textContent()).toBe('Bob');
    expect(await message.locator('img').count()).toBe(0);
    expect(await message.textContent()).toContain('<img src=x onerror=alert(1)>');
    expect(await message.locator('a.channel-ref').getAttribute('href')).toBe('/orbit/design');
  });

  test('an own message is on screen at once and settles', async () => {
    const waits: number[] = [];
    for (let i = 0; i < 6; i++) {
      await ada.page.fill('.composer-text', `quick ${i}`);
      waits.push(await ada.millisecondsToShow(`quick ${i}`));
      await ada.sees(`quick ${i}`);
    }
    console.log(`own message on screen after ${Math.min(...waits).toFixed(1)} ms at best, ${waits.map(Math.round).join(', ')}`);
    expect(waits.every((wait) => wait > 0)).toBe(true);
  });

  test('replies, reactions, corrections, deletions: what the server can do is offered, and reaches the other', async () => {
    await ada.say('shall we meet?');
    await bob.sees('shall we meet?');
    await bob.openTools('shall we meet?');
    await bob.page.click('.tools [aria-label="Reply"]');
    await bob.say('yes, at noon');
    const reply = await ada.sees('yes, at noon');
    expect(await reply.locator('.quote').textContent()).toContain('shall we meet?');
    await ada.openTools('yes, at noon');
    await ada.page.click('.tools .quick >> nth=0');
    await bob.page.waitForSelector('.message:has-text("yes, at noon") .reaction');
    await bob.openTools('yes, at noon');
    const canEdit = await bob.page.locator('.tools [aria-label="Edit"]').count();
    if (canEdit) {
      await bob.page.press('.composer-text', 'Escape');
      await bob.page.press('.composer-text', 'ArrowUp');
      await bob.page.waitForSelector('.composer-context');
      await bob.say('yes, at one');
      await ada.page.waitForSelector('.message:has-text("yes, at one") .edited');
    }
    expect(canEdit).toBe(home === 'xmpp' ? 1 : canEdit);
  });

  test('a mention elsewhere shows as a number, and reading it takes the number away', async () => {
    await bob.enter('design');
    await bob.say('ada: have a look');
    const badge = ada.page.locator('.sidebar .item:has-text("design") .badge');
    await badge.waitFor();
    expect(await ada.page.title()).toMatch(/^\(1\)/);
    await ada.enter('design');
    await ada.sees('have a look');
    await badge.waitFor({ state: 'detached' });
    await ada.enter('general');
    await bob.enter('general');
  });

  test('typing is seen by the other', async () => {
    await bob.page.locator('.composer-text').pressSequentially('hm');
    await ada.page.waitForSelector('.typists:has-text("bob")');
    await bob.page.fill('.composer-text', '');
    await ada.page.waitForSelector('.typists .dots', { state: 'detached' });
  });

  test('direct messages stay between two', async () => {
    await ada.page.keyboard.press('Control+k');
    await ada.page.fill('.switcher input', 'bob');
    await ada.page.keyboard.press('Enter');
    await ada.page.waitForSelector('.channel-head h1:text-is("bob")');
    await ada.say('between us');
    await ada.sees('between us');
    const item = bob.page.locator('.sidebar .item:has(.item-name:text-is("ada"))');
    await item.locator('.badge').waitFor();
    await item.click();
    await bob.sees('between us');
    await ada.enter('general');
    await bob.enter('general');
  });

  test('a new channel is made, found and joined', async () => {
    await ada.page.click('.space-button');
    await ada.page.click('.menu-item:has-text("New channel")');
    await ada.page.fill('#channel-name', 'Lunch Plans');
    await ada.page.click('.dialog button[type=submit]');
    await ada.page.waitForSelector('.channel-head h1:text-is("lunch-plans")');
    await ada.say('first here');
    await ada.sees('first here');
    await bob.page.click('.space-button');
    await bob.page.click('.menu-item:has-text("Browse channels")');
    await bob.page.click('.channel-list li:has-text("lunch-plans") button');
    await bob.sees('first here');
    await ada.enter('general');
    await bob.enter('general');
  });

  test('a broken connection is said, and what was missed comes after it', async () => {
    await bob.context.setOffline(true);
    await ada.say('while you were away');
    await ada.sees('while you were away');
    await bob.context.setOffline(false);
    await bob.sees('while you were away');
  });

  test('a reload brings back the same place with its history', async () => {
    await bob.page.reload();
    await bob.sees('while you were away');
    expect(bob.page.url()).toContain('/orbit/general');
  });

  test('after a log-out and log-in without a reload everything is told once', async () => {
    await bob.page.click('.rail-me');
    await bob.page.click('.menu-item:has-text("Log out")');
    await bob.page.fill('#name', 'bob');
    await bob.page.fill('#password', PASSWORD);
    await bob.page.click('button[type=submit]');
    await bob.page.locator('.composer-text').waitFor();
    await bob.enter('general');
    await ada.say('are you back?');
    await bob.sees('are you back?');
    await ada.say('/topic Told once');
    const told = bob.page.locator('.timeline .happenings', { hasText: 'Told once' });
    await told.waitFor();
    expect((await told.textContent())?.split('Told once')).toHaveLength(2);
  });

  const scene = (): Scene => ({ home, chromium, house, owner, ada, bob });
  commandTests(scene);
  findingTests(scene);
  attentionTests(scene);
  offlineTests(scene);
  payloadTests(scene);
  writingTests(scene);
  readingTests(scene);
  if (home === 'irc') comfortTests(scene);
  ownDataTests(scene);

  test('nobody’s page complained', () => {
    expect(ada.complaints).toEqual([]);
    expect(bob.complaints).toEqual([]);
  });
});
