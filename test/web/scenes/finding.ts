import { expect, test } from 'vitest';
import type { ChatWindow } from '../support/window.ts';
import type { FindScene } from '../support/scene.ts';

const names = (window: ChatWindow, section: number) => window.page.locator('.section').nth(section).locator('.item-name').allTextContents();

/** Sidebar, switcher, search, threads. */
export function findingTests(scene: FindScene): void {
  test('favourites stand above, and the order is the person’s, over a reload', async () => {
    const { ada } = scene();
    await ada.page.click('.star');
    await ada.page.locator('.section-title:has-text("Favourites")').waitFor();
    expect(await names(ada, 0)).toEqual(['general']);
    const before = await names(ada, 1);
    await ada.itemMenu('random', 'Move up');
    const moved = before.indexOf('random') - 1;
    expect(moved).toBeGreaterThanOrEqual(0);
    await expect.poll(() => names(ada, 1)).not.toEqual(before);
    await ada.page.reload();
    await ada.page.locator('.section-title:has-text("Favourites")').waitFor();
    await expect.poll(async () => (await names(ada, 1)).indexOf('random'), { timeout: 10_000 }).toBe(moved);
    await ada.itemMenu('random', 'Move up');
    await ada.page
      .locator('.sidebar .item:has(.item-name:text-is("design"))')
      .dragTo(ada.page.locator('.sidebar .item:has(.item-name:text-is("random"))'));
    expect((await names(ada, 1)).slice(0, 2)).toEqual(['design', 'random']);
    await ada.page.click('.star');
    await ada.page.locator('.section-title:has-text("Favourites")').waitFor({ state: 'detached' });
  });

  test('replies of a message stand in a panel of their own, with a field to answer in', async () => {
    const { ada, bob } = scene();
    await ada.say('where shall we eat?');
    await bob.sees('where shall we eat?');
    await bob.openTools('where shall we eat?');
    await bob.page.click('.tools [aria-label="More"]');
    await bob.page.click('.menu-item:has-text("Show all replies")');
    await bob.page.fill('.panel .composer-text', 'at the harbour');
    await bob.page.press('.panel .composer-text', 'Enter');
    await bob.page.locator('.panel .thread-count', { hasText: '1 reply' }).waitFor();
    const reply = await ada.sees('at the harbour');
    await reply.locator('.quote').click();
    await ada.page.locator('.message.flashing', { hasText: 'where shall we eat?' }).waitFor();
    await bob.page.click('.panel-head .icon-button');
  });

  test('search finds words, narrows by person and channel, and leads to the place', async () => {
    const { ada, bob } = scene();
    // Her own message takes her back to the end, from where the jump before had led her.
    await ada.say('how does one get into the printer?');
    await bob.say('the password of the printer is turnip');
    await ada.sees('turnip');
    await ada.page.click('.channel-tools [aria-label="Search"]');
    const found = ada.page.locator('.found', { hasText: 'turnip' });
    await expect
      .poll(
        async () => {
          await ada.page.fill('.panel-search input', 'turnip from:bob in:general');
          await ada.page.press('.panel-search input', 'Enter');
          await ada.page.locator('.panel [role=status]').waitFor();
          return found.count();
        },
        { timeout: 10_000 },
      )
      .toBe(1);
    expect(await found.locator('mark').textContent()).toBe('turnip');
    await found.click();
    await ada.page.locator('.message.flashing', { hasText: 'turnip' }).waitFor();
    await ada.page.fill('.panel-search input', 'turnip from:ada');
    await ada.page.press('.panel-search input', 'Enter');
    await ada.page.locator('.panel [role=status]', { hasText: 'Nothing found' }).waitFor();
    await ada.page.click('.panel-head .icon-button');
  });

  test('the switcher finds people and channels, open or not', async () => {
    const { ada } = scene();
    await ada.page.keyboard.press('Control+k');
    await ada.page.fill('.switcher input', 'desi');
    await ada.page.keyboard.press('Enter');
    await ada.page.locator('.channel-head h1:text-is("design")').waitFor();
    await ada.enter('general');
  });

  test('presence tells who is there', async () => {
    const { ada, bob } = scene();
    const dot = ada.page.locator('.sidebar .item:has(.item-name:text-is("bob")) .presence');
    await expect.poll(() => dot.getAttribute('class')).toContain('online');
    await bob.page.goto('about:blank');
    await bob.go('/orbit/general');
    await bob.page.locator('.composer-text').waitFor();
  });

  test('a channel is left and joined again', async () => {
    const { bob } = scene();
    await bob.itemMenu('random', 'Leave the channel');
    await bob.page.locator('.sidebar .item:has(.item-name:text-is("random"))').waitFor({ state: 'detached' });
    await bob.go('/orbit/random');
    await bob.page.locator('.empty-page .button.primary').click();
    await bob.page.locator('.channel-head h1:text-is("random")').waitFor();
    await bob.enter('general');
  });

  test('who wants no motion gets none', async () => {
    const { ada } = scene();
    await ada.page.emulateMedia({ reducedMotion: 'reduce' });
    const seconds = await ada.page.evaluate<number>(`Math.max(...[...document.querySelectorAll('*')].flatMap((one) => {
      const { animationDuration, transitionDuration } = getComputedStyle(one);
      return [animationDuration, transitionDuration].flatMap((list) => list.split(',').map(parseFloat));
    }))`);
    expect(seconds).toBeLessThan(0.01);
    await ada.page.emulateMedia({ reducedMotion: 'no-preference' });
  });
}
