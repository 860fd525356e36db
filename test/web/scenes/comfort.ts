import { expect, test } from 'vitest';
import type { FindScene } from '../support/scene.ts';
import { ChatWindow } from '../support/window.ts';

/** How it looks, speaks and is held: the same whatever the home. */
export function comfortTests(scene: FindScene): void {
  test('theme, density, size and language are chosen, and kept', async () => {
    const { chromium, house } = scene();
    const window = await (await ChatWindow.open(chromium, house.origin)).logIn('bob');
    const { page } = window;
    await window.go('/settings/appearance');
    const look = () =>
      page.evaluate<string[]>(
        `[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.documentElement).getPropertyValue('--scale')]`,
      );
    const [light, normal] = await look();
    for (const choice of ['Dark', 'Compact', 'Large']) await page.locator('label', { hasText: choice }).click();
    await page.locator('label', { hasText: 'Deutsch' }).click();
    await page.locator('label', { hasText: 'Dunkel' }).waitFor();
    await page.reload();
    await page.locator('label', { hasText: 'Dunkel' }).waitFor();
    const [dark, large] = await look();
    expect(dark).not.toBe(light);
    expect(large).not.toBe(normal);
    expect(await page.evaluate('document.documentElement.dataset.density')).toBe('compact');
    expect(await page.getAttribute('html', 'lang')).toBe('de');
    await window.context.close();
  });

  test('the keyboard does everything: ? tells how', async () => {
    const { ada } = scene();
    await ada.enter('general');
    await ada.page.locator('.timeline').focus();
    await ada.page.keyboard.press('?');
    const sheet = ada.page.locator('.dialog', { hasText: 'Keyboard' });
    await sheet.locator('kbd').first().waitFor();
    await ada.page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'detached' });
    await ada.page.keyboard.press('Alt+ArrowDown');
    await ada.page.locator('.channel-head h1:not(:text-is("general"))').waitFor();
    await ada.page.keyboard.press('Alt+ArrowUp');
    await ada.page.locator('.channel-head h1:text-is("general")').waitFor();
  });

  test('on a phone there is one column; a swipe from the edge or the button leads back to the list', async () => {
    const { chromium, house } = scene();
    const window = await (await ChatWindow.open(chromium, house.origin, { isPhone: true })).logIn('bob');
    const { page } = window;
    const sidebar = page.locator('.sidebar');
    await window.go('/orbit/general');
    await page.locator('.channel-head h1').waitFor();
    expect(await sidebar.isVisible()).toBe(false);
    const touch = await window.context.newCDPSession(page);
    const at = (x: number) => ({ x, y: 400 });
    await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [at(5)] });
    for (const x of [40, 90, 160]) await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [at(x)] });
    await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    await sidebar.waitFor();
    await page.locator('.sidebar .item', { hasText: 'general' }).first().tap();
    await sidebar.waitFor({ state: 'hidden' });
    await page.locator('.back-button').tap();
    await sidebar.waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    expect(window.complaints).toEqual([]);
    await window.context.close();
  });

  test('it can be installed', async () => {
    const { ada } = scene();
    await ada.untilOfflineReady();
    const session = await ada.context.newCDPSession(ada.page);
    const { errors, url } = await session.send('Page.getAppManifest');
    expect(url).toMatch(/manifest\.webmanifest$/);
    expect(errors).toEqual([]);
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
    // A window of a test is always a private one.
    expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== 'in-incognito')).toEqual([]);
    await session.detach();
  });
}
