import { openDatabase } from '../../server/database/database.ts';
import { appendMessages } from '../../server/archive/append.ts';
import { readSettings } from '../../server/foundation/settings.ts';
import { PASSWORD, TestAppliance } from '../support/appliance.ts';
import { IrcClient } from '../support/irc.ts';
import { ChatWindow, openChromium } from '../web/support/window.ts';

/** `npm run bench:web [messages]`: the figures of the web client, in headless Chromium against a whole appliance. */
const many = Number(process.argv[2] ?? 50_000);
const seconds = 10;
const perSecond = 20;

const { appliance: house, ada: owner } = await TestAppliance.startSetUp('irc');
const chromium = await openChromium();
const line = (what: string, value: string) => console.log(`${what.padEnd(52)} ${value}`);
const median = (list: number[]) => [...list].sort((one, other) => one - other)[Math.floor(list.length / 2)] ?? 0;

try {
  await house.join(owner, 'orbit', 'bob');
  await owner.send('POST', '/api/teams/orbit/channels', { name: 'long' });
  await fill();
  const window = await ChatWindow.open(chromium, house.origin);
  await window.page.addInitScript(`window.longTasks = [];
    new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map(({ duration }) => duration)))
      .observe({ type: 'longtask', buffered: true });`);
  const began = performance.now();
  await window.logIn('ada');
  line('log-in page to a field to write in', `${Math.round(performance.now() - began)} ms`);
  await own(window);
  await switches(window);
  await flood(window);
  await scroll(window);
} finally {
  await chromium.close();
  await house.dispose();
}

async function fill(): Promise<void> {
  const { channels } = await owner.ask<{ channels: { id: string; name: string }[] }>(200, 'GET', '/api/teams/orbit/channels');
  const id = channels.find(({ name }) => name.replace(/^#/, '') === 'long')?.id ?? '';
  const database = openDatabase(readSettings(house.environment));
  const from = Date.now() - many * 60_000;
  for (let at = 0; at < many; at += 1_000) {
    const messages = Array.from({ length: Math.min(1_000, many - at) }, (_, i) => ({
      ...{ id: `m${at + i}`, kind: 'text' as const, nick: `person${(at + i) % 7}` },
      ...{ sentAt: new Date(from + (at + i) * 60_000).toISOString(), text: `number ${at + i} ${'some words '.repeat((at + i) % 9)}` },
    }));
    await appendMessages(database, id, messages);
  }
  await database.destroy();
}

async function longest(window: ChatWindow): Promise<string> {
  const tasks = await window.page.evaluate<number[]>('window.longTasks.splice(0)');
  return `${tasks.length} above 50 ms, longest ${Math.round(Math.max(0, ...tasks))} ms`;
}

async function own(window: ChatWindow): Promise<void> {
  const waits: number[] = [];
  for (let i = 0; i < 9; i++) {
    await window.page.fill('.composer .composer-text', `own ${i}`);
    waits.push(await window.millisecondsToShow(`own ${i}`));
    await window.sees(`own ${i}`);
  }
  line('own message on screen after Enter', `median ${median(waits).toFixed(1)} ms, best ${Math.min(...waits).toFixed(1)} ms`);
}

async function switches(window: ChatWindow): Promise<void> {
  for (const channel of ['long', 'general']) await window.enter(channel);
  await window.page.evaluate('window.longTasks.splice(0)');
  const waits: number[] = [];
  for (let i = 0; i < 8; i++) {
    waits.push(
      await window.page.evaluate<number>(`new Promise((resolve) => {
        const item = [...document.querySelectorAll('.sidebar .item')].find((one) => !one.classList.contains('active') && /long|general/.test(one.textContent));
        const name = item.querySelector('.item-name').textContent;
        const began = performance.now();
        const look = () => document.querySelector('.channel-head h1')?.textContent === name && document.querySelector('.timeline .message')
          ? resolve(performance.now() - began) : requestAnimationFrame(look);
        item.click();
        look();
      })`),
    );
  }
  line('another channel', `median ${Math.round(median(waits))} ms, worst ${Math.round(Math.max(...waits))} ms`);
}

async function flood(window: ChatWindow): Promise<void> {
  await window.enter('general');
  const irc = await IrcClient.logIn({
    certificate: house.certificate,
    name: 'bob',
    password: PASSWORD,
    port: house.ircPort === 0 ? 0 : house.ircsPort,
  });
  irc.send('JOIN #general');
  await irc.receives(' 366 ');
  await window.page.evaluate('window.longTasks.splice(0)');
  let sent = 0;
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      irc.send(`PRIVMSG #general :flood ${sent} with **some** words and https://example.org`);
      if (++sent >= seconds * perSecond) resolve(clearInterval(timer));
    }, 1_000 / perSecond);
  });
  line(`${perSecond} messages a second for ${seconds} s`, await longest(window));
  irc.close();
}

async function scroll(window: ChatWindow): Promise<void> {
  await window.enter('long');
  await window.page.hover('.timeline');
  await window.page.evaluate('window.longTasks.splice(0)');
  const end = Date.now() + 15_000;
  while (Date.now() < end) await window.page.mouse.wheel(0, -1_500);
  const rows = await window.page.locator('.timeline .row').count();
  const first = (await window.page.locator('.timeline .message').first().textContent()) ?? '';
  line(
    `reading back in ${many} messages for 15 s`,
    `${await longest(window)}; ${rows} rows in the page, up to ${/number \d+/.exec(first)?.[0] ?? '?'}`,
  );
}
