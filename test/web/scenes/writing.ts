import { expect, test } from 'vitest';
import type { FindScene } from '../support/scene.ts';
import type { ChatWindow } from '../support/window.ts';

/** The smallest picture there is: one dot. */
const dot = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

/** Drops or pastes files as another program's would come. */
function bring(window: ChatWindow, event: 'drop' | 'paste', name: string): Promise<void> {
  return window.page.evaluate<void>(`{
    const data = new DataTransfer();
    data.items.add(new File(['brought by ${event}'], ${JSON.stringify(name)}, { type: 'text/plain' }));
    const event = '${event}' === 'drop'
      ? new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data })
      : new ClipboardEvent('paste', { bubbles: true, cancelable: true, clipboardData: data });
    document.querySelector('${event === 'drop' ? '.conversation' : '.composer-text'}').dispatchEvent(event);
  }`);
}

/** What the composer can do beside words. */
export function writingTests(scene: FindScene): void {
  test('several files go at once, of any type and size that the storage takes', async () => {
    const { ada, bob } = scene();
    for (const window of [ada, bob]) await window.enter('general');
    await ada.page.setInputFiles('.attach input', [
      { name: 'long.txt', mimeType: 'text/plain', buffer: Buffer.alloc(200_000, 'x') },
      { name: 'short.json', mimeType: 'application/json', buffer: Buffer.from('[]') },
    ]);
    await ada.page.locator('.upload [aria-label="Uploaded"]').nth(1).waitFor();
    await ada.say('both at once');
    const files = (await bob.sees('both at once')).locator('.attachments .file');
    await files.nth(1).waitFor();
    const href = await files.first().getAttribute('href');
    expect(await bob.page.evaluate(`fetch(${JSON.stringify(href)}).then((answer) => answer.text()).then(({ length }) => length)`)).toBe(
      200_000,
    );
  });

  test('a picture is chosen, seen small by the other, and large at a click', async () => {
    const { ada, bob } = scene();
    await ada.page.setInputFiles('.attach input', { name: 'dot.png', mimeType: 'image/png', buffer: dot });
    await ada.page.locator('.upload [aria-label="Uploaded"]').waitFor();
    await ada.say('the smallest picture');
    const message = await bob.sees('the smallest picture');
    await message.locator('.thumbnail img').waitFor();
    await bob.until(`[...document.querySelectorAll('.thumbnail img')].at(-1)?.naturalWidth === 1`);
    await message.locator('.thumbnail').click();
    await bob.page.locator('.lightbox img').waitFor();
    await bob.page.keyboard.press('Escape');
    await bob.page.locator('.lightbox').waitFor({ state: 'detached' });
  });

  test('files are dropped and pasted; what looks like markup in their names is text', async () => {
    const { ada, bob } = scene();
    const name = `<img src=x onerror="document.body.dataset.broken='yes'">.txt`;
    await bring(ada, 'drop', name);
    await bring(ada, 'paste', 'pasted notes.txt');
    await ada.page.locator('.upload [aria-label="Uploaded"]').nth(1).waitFor();
    expect(await ada.page.locator('.upload .file-name').allTextContents()).toEqual([name, 'pasted notes.txt']);
    await ada.say('two files');
    for (const window of [ada, bob]) {
      const files = (await window.sees('two files')).locator('.attachments .file');
      await files.nth(1).waitFor();
      expect(await files.locator('.file-name').allTextContents()).toEqual([name, 'pasted notes.txt']);
      expect(await window.page.evaluate('document.body.dataset.broken')).toBeUndefined();
    }
    const href = (await (await bob.sees('two files')).locator('.file').nth(1).getAttribute('href')) ?? '';
    expect(await bob.page.evaluate(`fetch(${JSON.stringify(href)}).then((answer) => answer.text())`)).toBe('brought by paste');
  });

  test('an upload shows how far it is, and is cancelled', async () => {
    const { ada } = scene();
    const network = await ada.context.newCDPSession(ada.page);
    const upload = (uploadThroughput: number) =>
      network.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput });
    await upload(100_000);
    try {
      const buffer = Buffer.alloc(1_000_000, 'x');
      await ada.page.setInputFiles('.attach input', { name: 'large.bin', mimeType: 'application/octet-stream', buffer });
      await ada.until(`document.querySelector('.upload progress')?.value > 0`);
      await ada.page.click('.upload .icon-button');
      await ada.page.locator('.upload').waitFor({ state: 'detached' });
    } finally {
      await upload(-1);
      await network.detach();
    }
  });

  test('names, channels, emoji and commands are completed', async () => {
    const { ada, bob } = scene();
    const { page } = ada;
    const area = page.locator('.composer .composer-text');
    for (const [typed, chosen, becomes] of [
      ['@bo', 'bob', '@bob '],
      ['#desi', 'design', '@bob #design '],
      [':tada', ':tada:', '@bob #design 🎉 '],
    ] as const) {
      await area.pressSequentially(typed);
      await page.locator('.completion.chosen', { hasText: chosen }).waitFor();
      await page.keyboard.press('Tab');
      expect(await area.inputValue()).toBe(becomes);
    }
    await page.keyboard.press('Enter');
    const message = await bob.sees('🎉');
    expect(await message.locator('.mention.is-me').textContent()).toBe('@bob');
    await area.pressSequentially('/top');
    await page.locator('.completion.chosen', { hasText: '/topic' }).waitFor();
    await page.keyboard.press('Tab');
    expect(await area.inputValue()).toBe('/topic ');
    await area.fill('');
    await page.click('.composer-emoji .icon-button');
    await page.locator('.emoji-popover input').fill('rocket');
    await page.locator('.emoji-popover button', { hasText: '🚀' }).first().click();
    expect(await area.inputValue()).toBe('🚀');
    await area.fill('');
  });

  test('several lines and code go out as one message; code gets its colours; a draft waits in its channel', async () => {
    const { ada, bob } = scene();
    const { page } = ada;
    const area = page.locator('.composer .composer-text');
    await area.fill('```js');
    for (const line of ['const answer = 42;', '```']) {
      await page.keyboard.press('Shift+Enter');
      await area.pressSequentially(line);
    }
    await page.keyboard.press('Enter');
    const code = (await bob.sees('const answer')).locator('pre code');
    await code.locator('.hljs-keyword', { hasText: 'const' }).waitFor();
    expect(await code.textContent()).toBe('const answer = 42;\n');
    await area.fill('half a thought');
    await ada.enter('design');
    expect(await area.inputValue()).toBe('');
    await ada.enter('general');
    expect(await area.inputValue()).toBe('half a thought');
    await area.fill('');
  });

  test('a storage that was connected for the sake of a file is let go', async () => {
    const { ada, home } = scene();
    await ada.go('/settings/data');
    if (home === 'irc') await ada.page.click('.button:has-text("Disconnect")');
    await ada.page.locator('.button.primary:has-text("Connect ada@")').waitFor();
    await ada.go('/orbit/general');
  });
}
