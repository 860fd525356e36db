import { expect, test } from 'vitest';
import { appendMessages } from '../../../server/archive/append.ts';
import { openDatabase } from '../../../server/database/database.ts';
import { readSettings } from '../../../server/foundation/settings.ts';
import type { FindScene } from '../support/scene.ts';
import type { ChatWindow } from '../support/window.ts';

const many = 400;
const page = 'https://example.org/what-a-title';

/** A channel with a past, and what the appliance once found at an address. */
async function fill({ house, owner }: ReturnType<FindScene>): Promise<void> {
  const { id } = await owner.ask<{ id: string }>(201, 'POST', '/api/teams/orbit/channels', { name: 'long' });
  const database = openDatabase(readSettings(house.environment));
  const messages = Array.from({ length: many }, (_, i) => ({
    ...{ id: `old-${i}`, kind: 'text' as const, nick: 'bob' },
    ...{
      sentAt: new Date(Date.now() - (many - i + 60) * 10 * 60_000).toISOString(),
      text: `number ${i}. ${'Words. '.repeat((i * 7) % 30)}`,
    },
  }));
  await appendMessages(database, id, messages);
  const preview = JSON.stringify({
    title: `<img src=x onerror="document.body.dataset.broken='yes'">`,
    description: '<script>document.body.dataset.broken="yes"</script>',
    siteName: '<b>Example</b>',
  });
  await database.insertInto('link_previews').values({ url: page, preview, fetched_at: new Date().toISOString() }).execute();
  await database.destroy();
}

/** Brings the page near to the top of what is loaded: by how much the uppermost message in sight has moved once more is there. */
function shiftWhileOlderCome(window: ChatWindow): Promise<number> {
  return window.page.evaluate<number>(`new Promise((resolve) => {
    const scroller = document.querySelector('.timeline');
    const frames = (action) => requestAnimationFrame(() => requestAnimationFrame(action));
    scroller.scrollTop = 300;
    const height = scroller.scrollHeight;
    const place = (message) => message.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
    frames(() => {
      const first = [...scroller.querySelectorAll('.message')].find((one) => place(one) > 50);
      const before = place(first);
      const look = () => scroller.scrollHeight > height + 1_000 ? frames(() => resolve(Math.abs(place(first) - before))) : frames(look);
      look();
    });
  })`);
}

export function readingTests(scene: FindScene): void {
  test('history goes on above without moving what is read, to its very start, and back to the end', async () => {
    await fill(scene());
    const { ada } = scene();
    await ada.page.reload();
    await ada.enter('long');
    await ada.sees(`number ${many - 1}.`);
    await ada.page.hover('.timeline');
    await ada.page.mouse.wheel(0, -200);
    expect(await shiftWhileOlderCome(ada)).toBeLessThan(3);
    const start = ada.page.locator('.timeline .message', { hasText: 'number 0.' });
    while (!(await start.isVisible())) await ada.page.mouse.wheel(0, -2_000);
    expect(await ada.page.locator('.timeline .day-line').count()).toBeGreaterThan(0);
    await ada.page.click('.down-button');
    await ada.sees(`number ${many - 1}.`);
  });

  test('an address leads to one message of long ago', async () => {
    const { ada } = scene();
    await ada.go('/orbit/long/old-42');
    await ada.page.locator('.message.flashing', { hasText: 'number 42.' }).waitFor();
    await ada.enter('general');
  });

  test('who was elsewhere is led to what is new; the tab shows that there is something', async () => {
    const { ada, bob } = scene();
    await ada.enter('design');
    await bob.enter('general');
    for (let i = 0; i < 30; i++) await bob.say(`meanwhile ${i}\nand a second line\nand a third`);
    await bob.sees('meanwhile 29');
    const item = ada.page.locator('.sidebar .item.unread', { hasText: 'general' });
    await item.waitFor();
    await ada.until(`document.querySelector('link[rel=icon]').href.endsWith('icon-unread.svg')`);
    await item.click();
    await ada.page.click('.new-pill button:not([aria-label])');
    await ada.page.locator('.new-line').waitFor();
    expect(await ada.page.evaluate(`document.querySelector('.new-line').getBoundingClientRect().top < innerHeight`)).toBe(true);
    await ada.page.click('.down-button');
    await ada.until(`document.querySelector('link[rel=icon]').href.endsWith('icon.svg')`);
  });

  test('a page that is linked to is told about, and its words are only words', async () => {
    const { ada, bob } = scene();
    await bob.say(`look: ${page}`);
    const preview = (await ada.sees('look:')).locator('.preview');
    await preview.waitFor();
    expect(await preview.innerText()).toContain('onerror=');
    expect(await preview.innerText()).toContain('<b>Example</b>');
    expect(await preview.locator('img, script, b').count()).toBe(0);
    expect(await ada.page.evaluate('document.body.dataset.broken')).toBeUndefined();
  });
}
