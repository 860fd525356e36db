import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PASSWORD, TestAppliance } from '../support/appliance.ts';
import { IrcClient } from '../support/irc.ts';
import { XmppClient } from '../support/xmpp.ts';
import { ChatWindow, openChromium } from './support/window.ts';

let chromium: Browser;
beforeAll(async () => void (chromium = await openChromium()));
afterAll(() => chromium.close());

const composer = (page: Page) => page.getByRole('textbox', { name: /^Message/ });
const message = (page: Page, text: string) => page.getByRole('main').getByText(text, { exact: true }).first();

async function say(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press('Enter');
}

/** From the printed link through the four steps into the first channel; gives the invite link that is shown on the way. */
async function setUp(page: Page, house: TestAppliance, home: 'IRC' | 'XMPP'): Promise<string> {
  const token = readFileSync(path.join(house.dataFolder, 'secrets/setup'), 'utf8');
  await page.goto(`${house.origin}/setup?token=${token}`);
  await page.getByRole('button', { name: 'Next' }).click();
  await page.locator('#team').fill('Orbit');
  await page.getByRole('radio', { name: home }).check();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.locator('#owner').fill('ada');
  await page.locator('input[type=password]').first().fill(PASSWORD);
  await page.getByRole('button', { name: 'Next' }).click();
  await page.locator('.form-buttons .primary').click();
  const url = await page.locator('.invite-share input').inputValue();
  await page.locator('button.primary.wide').click();
  await composer(page).waitFor();
  return url;
}

async function accept(page: Page, url: string, name: string): Promise<void> {
  await page.goto(url);
  await page.locator('#name').fill(name);
  await page.locator('input[type=password]').first().fill(PASSWORD);
  await page.locator('button[type=submit]').click();
  await composer(page).waitFor();
}

describe.each(['IRC', 'XMPP'] as const)('the first day of a team at home on %s', (home) => {
  let house: TestAppliance;
  beforeAll(async () => {
    house = await TestAppliance.create();
    await house.start();
  });
  afterAll(() => house.dispose());

  test('from the printed link to a conversation of two browsers and another client', async () => {
    const windows = [await ChatWindow.open(chromium, house.origin), await ChatWindow.open(chromium, house.origin)] as const;
    const [ada, bob] = [windows[0].page, windows[1].page];
    const invite = await setUp(ada, house, home);
    expect(new URL(invite).origin).toBe(house.origin);
    await say(ada, 'Hello from Ada, before anybody came');
    await message(ada, 'Hello from Ada, before anybody came').waitFor();

    await accept(bob, invite, 'bob');
    await message(bob, 'Hello from Ada, before anybody came').waitFor();
    await say(bob, 'And hello from Bob');
    await message(ada, 'And hello from Bob').waitFor();

    const outside = await openOutside(house, home);
    await outside.say('Greetings from another client');
    for (const page of [ada, bob]) await message(page, 'Greetings from another client').waitFor();
    await say(ada, 'Welcome, other client');
    await outside.hears('Welcome, other client');
    await outside.close();

    await bob.reload();
    await composer(bob).waitFor();
    await message(bob, 'Greetings from another client').waitFor();
    for (const { complaints, context } of windows) {
      expect(complaints).toEqual([]);
      await context.close();
    }
  });

  test('text that looks like a page is text', async () => {
    const { page, context } = await (await ChatWindow.open(chromium, house.origin)).logIn('bob');
    const outside = await openOutside(house, home);
    const payload = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
    await outside.say(payload);
    await message(page, payload).waitFor();
    expect(await page.title()).not.toMatch(/^[12]$/);
    expect(await page.locator('main img[src="x"]').count()).toBe(0);
    await outside.close();
    await context.close();
  });
});

interface Outside {
  say(text: string): Promise<void>;
  hears(text: string): Promise<unknown>;
  close(): Promise<void>;
}

/** Ada, in the team's first channel, by a client of the protocol itself. */
async function openOutside(house: TestAppliance, home: 'IRC' | 'XMPP'): Promise<Outside> {
  const account = { certificate: house.certificate, name: 'ada', password: PASSWORD };
  if (home === 'IRC') {
    const irc = await IrcClient.logIn({ ...account, port: house.ircsPort });
    irc.send('JOIN #general');
    await irc.receives(' 366 ');
    return {
      say: async (text) => irc.send(`PRIVMSG #general :${text}`),
      hears: (text) => irc.receives(text),
      close: async () => irc.close(),
    };
  }
  const xmpp = await XmppClient.logIn({ ...account, service: `xmpp://127.0.0.1:${house.xmppPort}` });
  const room = 'general@rooms.localhost';
  await xmpp.join(room);
  return { say: (text) => xmpp.say(room, text), hears: (text) => xmpp.receives(text), close: () => xmpp.close() };
}
