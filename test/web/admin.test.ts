import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PASSWORD, TestAppliance, type Api } from '../support/appliance.ts';
import { eventually } from '../support/eventually.ts';
import { IrcClient } from '../support/irc.ts';
import { adminActTests } from './scenes/admin-acts.ts';
import { mailedLinkTests } from './scenes/mailed-link.ts';
import { act, confirm, row, visit, walk } from './support/panel.ts';
import { totp } from './support/totp.ts';
import { ChatWindow, openChromium } from './support/window.ts';

let chromium: Browser;
let house: TestAppliance;
let owner: Api;
let ada: ChatWindow;

beforeAll(async () => {
  chromium = await openChromium();
  ({ appliance: house, ada: owner } = await TestAppliance.startSetUp('irc'));
  for (const name of ['bob', 'eve']) await house.join(owner, 'orbit', name);
  await house.join(owner, 'orbit', 'tim', 'admin');
  await owner.ask(201, 'POST', '/api/teams', { name: 'Comet', home: 'irc' });
  ada = await (await ChatWindow.open(chromium, house.origin)).logIn('ada');
});
afterAll(async () => {
  expect(ada.complaints).toEqual([]);
  await chromium.close();
  await house.dispose();
});

/** Where pictures of every page go, if somebody wants to look at them. */
const pictures = process.env.KOSMOS_TEST_PICTURES;

const places = [
  'overview',
  'teams',
  'accounts',
  'components',
  'components/ergo',
  'components/prosody',
  'components/storage',
  'domain',
  'backups',
  'audit',
  'security',
  'settings',
];
const teamPlaces = ['team', 'members', 'members/bob', 'channels', 'invites', 'webhooks', 'audit'].map((place) => `team/orbit/${place}`);

const irc = (name: string) => IrcClient.logIn({ port: house.ircsPort, certificate: house.certificate, name, password: PASSWORD });

test('the menu of an admin leads to the overview, which shows every component and what needs attention', async () => {
  await ada.page.click('.rail-me');
  await ada.page.click('.menu-item:has-text("Administration")');
  await ada.page.locator('.running li').first().waitFor();
  for (const title of ['Ergo', 'Prosody', 'Gateway', 'Storage', 'Daemon']) {
    await ada.page.locator('.running li', { hasText: title }).locator('.state.good').waitFor();
  }
  expect(await ada.page.locator('.findings').innerText()).toMatch(/second factor|mail|certificate/i);
  expect(await ada.page.locator('.tile').count()).toBe(4);
});

test('a member has no panel; an admin of a team has theirs and no other', async () => {
  const bob = await (await ChatWindow.open(chromium, house.origin)).logIn('bob');
  await bob.page.click('.rail-me');
  await bob.page.locator('.menu-item', { hasText: 'Settings' }).waitFor();
  expect(await bob.page.locator('.menu-item', { hasText: 'Administration' }).count()).toBe(0);
  await bob.go('/admin');
  await bob.page.waitForSelector('h1:text-is("Nothing to administer")');
  await bob.context.close();
  const tim = await (await ChatWindow.open(chromium, house.origin)).logIn('tim');
  const page = await visit(tim, '');
  await page.waitForSelector('h2:text-is("Orbit")');
  expect(await page.locator('.admin-nav .item').allInnerTexts()).not.toContain('Components');
  expect(await page.locator('#admin-team option').allInnerTexts()).toEqual(['Orbit']);
  expect(await page.locator('text="Delete the team"').count()).toBe(0);
  for (const place of ['components', 'settings', 'team/comet/members']) {
    await visit(tim, place);
    await page.waitForSelector('h2:text-is("There is no such page")');
  }
  expect(tim.complaints).toEqual([]);
  await tim.context.close();
});

test('a channel made in the panel is joined by an IRC client, and archived it lets nobody in', async () => {
  const page = await visit(ada, 'team/orbit/channels');
  await page.click('.page-actions .button');
  await page.fill('#channel-name', 'launch');
  await page.fill('#channel-topic', 'Ten, nine, eight');
  await page.click('.dialog button[type=submit]');
  await row(page, 'launch').waitFor();
  const bob = await irc('bob');
  bob.send('JOIN #launch');
  await bob.receives('Ten, nine, eight');
  expect(await act(page, 'launch', 'Archive')).toMatch(/history stays readable/);
  await row(page, 'launch').locator('.tag', { hasText: 'archived' }).waitFor();
  await bob.receives(/(KICK|PART) #launch|MODE #launch|4\d\d /);
  bob.close();
  await page.fill('input[type=search]', 'gener');
  await row(page, 'launch').waitFor({ state: 'detached' });
  expect(await row(page, 'general').count()).toBe(1);
});

test('who is disabled in the panel is out of IRC, and back when enabled', async () => {
  const eve = await irc('eve');
  const page = await visit(ada, 'team/orbit/members');
  // Who is there is asked for every 15 s.
  await row(page, '@eve').locator('.state.good').waitFor({ timeout: 25_000 });
  expect(await act(page, '@eve', 'Disable')).toMatch(/All sessions end/);
  await eve.isCutOff();
  await row(page, '@eve').locator('.tag.bad').waitFor();
  await act(page, '@eve', 'Enable');
  await row(page, '@eve').locator('.tag.bad').waitFor({ state: 'detached' });
  (await irc('eve')).close();
});

test('an invite is made, used and seen to be used without a reload; a role is changed', async () => {
  const page = await visit(ada, 'team/orbit/invites');
  await page.click('.page-actions .button');
  await page.fill('#invite-uses', '3');
  await page.click('.dialog button[type=submit]');
  const url = await page.inputValue('.invite-share .input');
  await page.waitForSelector('.invite-share .qr');
  await page.click('.dialog .form-buttons .primary');
  await house.anybody.ask(201, 'POST', `/api/invites/${url.split('/').at(-1) ?? ''}/accept`, { name: 'zoe', password: PASSWORD });
  await row(page, '2 of 3').locator('.chip', { hasText: 'zoe' }).waitFor();
  await row(page, '2 of 3').locator('.button').click();
  await confirm(page);
  await row(page, '2 of 3').locator('.state', { hasText: 'revoked' }).waitFor();
  await visit(ada, 'team/orbit/members');
  await act(page, 'zoe', 'Make guest');
  await row(page, 'zoe').locator('td', { hasText: 'Guest' }).waitFor();
});

test('a reset link made in the panel lets its owner choose a new password, once', async () => {
  const page = await visit(ada, 'team/orbit/members');
  await row(page, 'zoe').locator('.acts button').click();
  await page.locator('.menu-item', { hasText: 'reset link' }).click();
  await page.click('.dialog .primary');
  const link = new URL(await page.inputValue('.invite-share .input')).pathname;
  const zoe = await ChatWindow.open(chromium, house.origin);
  await zoe.go(link);
  await zoe.page.fill('#new-password', 'a comet in the night');
  await zoe.page.click('button[type=submit]');
  await zoe.page.waitForSelector('h1:text-is("That is done")');
  await zoe.go(link);
  await zoe.page.waitForSelector('h1:text-is("This link does not work")');
  await zoe.logIn('zoe', 'a comet in the night');
  await zoe.context.close();
});

test('a component is restarted after it was said what that means; it comes back and its log shows it', async () => {
  const page = await visit(ada, 'components/ergo');
  const before = await house.componentPid('ergo');
  await page.click('.page-actions .button:has-text("Restart")');
  expect((await confirm(page)).length).toBeGreaterThan(40);
  await page.locator('.tile .state.good').waitFor({ timeout: 30_000 });
  await eventually('another process', async () => (await house.componentPid('ergo')) !== before);
  await page.fill('#log-filter', 'listening');
  await page
    .locator('.log p', { hasNotText: /listening/i })
    .first()
    .waitFor({ state: 'detached' });
  expect(await page.locator('.log p').count()).toBeGreaterThan(0);
  const log = await page.evaluate<string>(`fetch(document.querySelector('.log-card a[download]').href).then((answer) => answer.text())`);
  expect(log).toMatch(/listening/i);
});

test('the way of a test mail is told hop by hop to where it ended', async () => {
  const page = await visit(ada, 'settings');
  await page.fill('#smtp-host', '127.0.0.1');
  await page.fill('#smtp-port', '9');
  await page.fill('#smtp-from', 'chat@example.org');
  await page.click('button:has-text("Send a test mail")');
  await page.fill('#smtp-to', 'ada@example.org');
  await page.click('.dialog button[type=submit]');
  await page.locator('.hops .failed', { hasText: 'Connecting' }).waitFor({ timeout: 45_000 });
});

test('with open registration the log-in offers an account', async () => {
  const page = await visit(ada, 'settings');
  await page.check('input[name=policy][value=open]');
  await page.selectOption('#registration-team', 'orbit');
  await page
    .locator('.card', { has: page.locator('#registration-team') })
    .locator('button[type=submit]')
    .click();
  await page.locator('.toast', { hasText: 'Saved' }).waitFor();
  const newcomer = await ChatWindow.open(chromium, house.origin);
  await newcomer.go('/login');
  await newcomer.page.click('.public-note a');
  await newcomer.page.waitForURL('**/register');
  await newcomer.page.fill('#name', 'nia');
  await newcomer.page.fill('#new-password', PASSWORD);
  await newcomer.page.click('button[type=submit]');
  await newcomer.page.waitForSelector('.composer-text');
  await newcomer.context.close();
});

test('what was done stands in the audit log, filtered and exported', async () => {
  const page = await visit(ada, 'audit');
  await page.selectOption('.filter select', 'member.disable');
  await page.locator('.table tbody tr', { hasNotText: 'eve' }).first().waitFor({ state: 'detached' });
  expect(await page.locator('.table tbody tr').count()).toBe(1);
  expect(await row(page, 'eve').innerText()).toMatch(/ada[\s\S]*web/);
  const csv = await page.evaluate<string>(`fetch(document.querySelector('.page-actions a').href).then((answer) => answer.text())`);
  expect(csv.trim().split('\n')).toHaveLength(2);
});

test('a team is deleted only when its name is typed', async () => {
  const page = await visit(ada, 'team/comet/team');
  await page.click('.danger-zone .button');
  await page.waitForSelector('.confirm a[download]');
  expect(await page.locator('.confirm button[type=submit]').isDisabled()).toBe(true);
  await page.fill('#confirm-typed', 'comet');
  await confirm(page);
  await page.waitForSelector('h2:text-is("Teams")');
  await row(page, 'Comet').waitFor({ state: 'detached' });
  await owner.ask(404, 'GET', '/api/teams/comet');
});

test('an app and a passkey are set up, open the account, and so does a recovery code', async () => {
  const eve = await (await ChatWindow.open(chromium, house.origin)).logIn('eve');
  const { page } = eve;
  const authenticator = await eve.context.newCDPSession(page);
  await authenticator.send('WebAuthn.enable');
  const options = {
    protocol: 'ctap2',
    transport: 'internal',
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
  } as const;
  await authenticator.send('WebAuthn.addVirtualAuthenticator', { options: { ...options, automaticPresenceSimulation: true } });
  await eve.go('/settings/security');
  await page.click('.factor-buttons .button:has-text("Add an app")');
  await page.fill('#factor-password', PASSWORD);
  await page.click('.dialog button[type=submit]');
  const secret = await page.inputValue('.invite-share .input');
  await page.fill('#totp-code', totp(secret));
  await page.click('.dialog button[type=submit]');
  await page.locator('.recovery-codes li').first().waitFor();
  const codes = await page.locator('.recovery-codes li').allInnerTexts();
  expect(codes).toHaveLength(10);
  await page.click('.dialog .primary');
  await page.click('.factor-buttons .button:has-text("Add a passkey")');
  await page.fill('#factor-password', PASSWORD);
  await page.click('.dialog button[type=submit]');
  await page.locator('.factor-list li').nth(1).waitFor();
  expect(await eve.barriers()).toEqual([]);

  await beginLogIn(eve, 'eve');
  await page.click('.passkey-button');
  await page.waitForSelector('.composer-text');

  await beginLogIn(eve, 'eve');
  expect(await eve.barriers()).toEqual([]);
  await page.click('button:has-text("I do not have it with me")');
  await page.fill('#code', codes[0] ?? '');
  await page.click('button[type=submit]');
  await page.waitForSelector('.composer-text');

  await beginLogIn(eve, 'eve');
  await page.fill('#code', '000000');
  await page.click('button[type=submit]');
  await page.waitForSelector('.form-error');
  // Each code opens once: the next half minute has another, and the server lets clocks differ by one.
  await page.fill('#code', totp(secret, Date.now() + 30_000));
  await page.click('button[type=submit]');
  await page.waitForSelector('.composer-text');
  expect(eve.complaints).toEqual([]);
  await eve.context.close();
});

/** Name and password, as far as the second step. */
async function beginLogIn({ page, context }: ChatWindow, name: string): Promise<void> {
  await context.clearCookies();
  await page.goto(`${house.origin}/login`);
  await page.fill('#name', name);
  await page.fill('#password', PASSWORD);
  await page.click('button[type=submit]');
  await page.waitForSelector('h1:text-is("One more step")');
}

/** Until the last colour has changed: some of them fade over. */
async function wear(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await page.evaluate(`new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted))).then(() =>
    Promise.allSettled(document.getAnimations().filter((each) => each instanceof CSSTransition).map((fading) => fading.finished)))`);
}

adminActTests(() => ({ chromium, house, owner, ada }));
mailedLinkTests(() => ({ chromium, house, owner }));

test.each([false, true])(
  'no page of the panel is a barrier, in light and dark, on a phone: %s',
  async (isPhone) => {
    const window = await (await ChatWindow.open(chromium, house.origin, { isPhone })).logIn('ada');
    const { page } = window;
    await visit(window, 'overview');
    for (const place of [...places, ...teamPlaces]) {
      if (place.startsWith('components/')) await walk(window, 'components');
      await walk(window, place);
      for (const colorScheme of ['light', 'dark'] as const) {
        await wear(page, colorScheme);
        expect(await window.barriers(), `${colorScheme} ${place}`).toEqual([]);
        const picture = `${colorScheme}-${isPhone ? 'phone' : 'desktop'}-${place.replaceAll('/', '-')}.png`;
        if (pictures) await page.screenshot({ path: path.join(pictures, picture), fullPage: true });
      }
      // Not the window's own measure: a phone's grows with what does not fit.
      expect(await page.evaluate<number>('document.documentElement.scrollWidth'), place).toBeLessThanOrEqual(
        page.viewportSize()?.width ?? 0,
      );
    }
    expect(window.complaints).toEqual([]);
    await window.context.close();
  },
  150_000,
);
