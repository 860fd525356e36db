import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { PASSWORD, root, TestAppliance } from './support/appliance.ts';
import { IrcClient } from './support/irc.ts';
import { ChatWindow, openChromium } from './web/support/window.ts';

/** `npm run screenshots`: pictures of a team that talks, taken from a real appliance into docs/images. */
const folder = path.join(root, 'docs/images');
mkdirSync(folder, { recursive: true });

const talk: [string, string][] = [
  ['ben', 'Morning! The **new build** is on staging: https://staging.example.org'],
  ['cleo', 'Looks good here. One question about the `retry` logic:'],
  ['cleo', '```js\nexport const retry = (times) => (times > 3 ? undefined : times + 1);\n```'],
  ['ben', 'Three times, then we tell the user. I wrote it down in #design'],
  ['cleo', '@ada shall we announce it at noon?'],
];

const house = await TestAppliance.create();
await house.start();
const chromium = await openChromium();
try {
  const ada = await house.setUp('irc', { team: { name: 'Orbit Labs', home: 'irc', channels: ['general', 'design', 'random'] } });
  await ada.ask(200, 'PATCH', '/api/account', { displayName: 'Ada' });
  await ada.ask(200, 'PATCH', '/api/teams/orbit-labs/channels/general', { topic: 'Everything that concerns all of us' });
  for (const name of ['ben', 'cleo', 'dora']) await house.join(ada, 'orbit-labs', name);
  const window = await (await ChatWindow.open(chromium, house.origin)).logIn('ada');
  await speak(window);
  await take(window.page, 'chat');
  for (const look of [{ theme: 'dark' }, { theme: 'dark', isPhone: true }, { isPhone: true }] as const) {
    const other = await (await ChatWindow.open(chromium, house.origin, look)).logIn('ada');
    await other.sees('announce it at noon');
    await take(other.page, `chat${'isPhone' in look ? '-phone' : ''}${'theme' in look ? '-dark' : ''}`);
    await other.context.close();
  }
} finally {
  await chromium.close();
  await house.dispose();
}

/** The others use a plain IRC client: what they write is what the browser shows. */
async function speak(window: ChatWindow): Promise<void> {
  const people = new Map<string, IrcClient>();
  for (const name of new Set(talk.map(([who]) => who))) {
    const client = await IrcClient.logIn({ port: house.ircsPort, certificate: house.certificate, name, password: PASSWORD });
    client.send('JOIN #general');
    await client.receives(' 366 ');
    people.set(name, client);
  }
  for (const [who, text] of talk) {
    const lines = text.split('\n');
    const client = people.get(who);
    if (lines.length === 1) client?.send(`PRIVMSG #general :${text}`);
    else client?.send('BATCH +m draft/multiline #general', ...lines.map((line) => `@batch=m PRIVMSG #general :${line}`), 'BATCH -m');
    await window.sees((lines.length === 1 ? text : 'export const').replace(/[*`]/g, '').slice(0, 12));
  }
  await window.say('Noon it is :tada:');
  await window.sees('Noon it is');
  for (const client of people.values()) client.close();
}

async function take(page: Page, name: string): Promise<void> {
  // Away from the messages, whose tools show under the pointer.
  await page.mouse.move(400, 20);
  await page.evaluate('document.fonts.ready');
  await page.screenshot({ path: path.join(folder, `${name}.png`), animations: 'disabled' });
  console.log(`docs/images/${name}.png`);
}
