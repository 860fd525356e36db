import { expect, test } from 'vitest';
import { ChatWindow } from '../support/window.ts';
import type { FindScene } from '../support/scene.ts';

/** What is unread, whom it calls, and where else that is known. */
export function attentionTests(scene: FindScene): void {
  test('what came while no window was open is counted at the log-in, and reading it here takes it away there', async () => {
    const { chromium, house, ada, bob } = scene();
    await bob.enter('design');
    await bob.page.goto('about:blank');
    await ada.enter('design');
    await ada.say('@bob first of two');
    await ada.say('second of two');
    await ada.sees('second of two');
    await ada.enter('general');
    await bob.go('/orbit/general');
    const there = bob.page.locator('.sidebar .item:has(.item-name:text-is("design"))');
    await there.locator('.badge').waitFor();
    expect(await there.getAttribute('class')).toContain('unread');
    const other = await (await ChatWindow.open(chromium, house.origin)).logIn('bob');
    const elsewhere = other.page.locator('.sidebar .item:has(.item-name:text-is("design"))');
    await elsewhere.locator('.badge').waitFor();
    await other.enter('design');
    await other.page.locator('.new-line').waitFor();
    await there.locator('.badge').waitFor({ state: 'detached' });
    await expect.poll(() => there.getAttribute('class')).not.toContain('unread');
    await other.context.close();
  });

  test('a muted channel is dim and silent, in every browser', async () => {
    const { chromium, house, ada, bob } = scene();
    await bob.itemMenu('design', 'Muted');
    const item = (window: ChatWindow) => window.page.locator('.sidebar .item:has(.item-name:text-is("design"))');
    await expect.poll(() => item(bob).getAttribute('class')).toContain('muted');
    await ada.enter('design');
    await ada.say('@bob nobody hears this');
    await ada.sees('nobody hears this');
    await ada.enter('general');
    const other = await (await ChatWindow.open(chromium, house.origin)).logIn('bob');
    await expect.poll(() => item(other).getAttribute('class')).toContain('muted');
    expect(await item(other).locator('.badge').count()).toBe(0);
    await other.context.close();
    await bob.itemMenu('design', 'Mentions only');
    await expect.poll(() => item(bob).getAttribute('class')).not.toContain('muted');
    await bob.enter('general');
  });

  test('a message is marked unread by hand, and the line stands before it', async () => {
    const { ada, bob } = scene();
    await ada.say('read me later');
    await bob.sees('read me later');
    await bob.openTools('read me later');
    await bob.page.click('.tools [aria-label="More"]');
    await bob.page.click('.menu-item:has-text("Unread from here")');
    await bob.page.locator('.new-line').waitFor();
    await bob.enter('design');
    await bob.page.locator('.sidebar .item.unread:has(.item-name:text-is("general"))').waitFor();
    await bob.enter('general');
  });

  test('quiet hours and the choice of what a push says are kept on the server', async () => {
    const { bob, house } = scene();
    await bob.go('/settings/notifications');
    await bob.page.fill('#quiet-from', '22:00');
    await bob.page.fill('#quiet-to', '07:00');
    await bob.page.locator('#quiet-to').blur();
    await bob.page.locator('#push-content').uncheck();
    const api = await house.logIn('bob');
    await expect
      .poll(() => api.ask(200, 'GET', '/web-push/preferences'))
      .toMatchObject({ quietFrom: '22:00', quietUntil: '07:00', showsContent: false });
    await api.ask(200, 'PUT', '/web-push/preferences', { showsContent: true, quietFrom: null, quietUntil: null, timeZone: 'UTC' });
    await bob.go('/orbit/general');
    await bob.page.locator('.composer-text').waitFor();
  });
}
