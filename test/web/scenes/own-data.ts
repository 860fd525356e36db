import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PASSWORD } from '../../support/appliance.ts';
import { ChatWindow } from '../support/window.ts';
import type { FindScene } from '../support/scene.ts';

/** Settings, networks and drafts in the person's own storage; password, export. */
export function ownDataTests(scene: FindScene): void {
  test('settings and drafts are kept in the account’s storage by one click, and seen in a second browser', async () => {
    const { chromium, house, ada } = scene();
    await ada.go('/settings/data');
    await ada.page.click('.button.primary:has-text("Connect ada@")');
    await ada.page.locator('.connected').waitFor();
    await ada.go('/settings/appearance');
    await ada.page.check('#density-compact');
    const other = await (await ChatWindow.open(chromium, house.origin)).logIn('ada');
    await expect
      .poll(
        async () => {
          await other.go('/settings/data');
          const connect = other.page.locator('.button.primary:has-text("Connect ada@")');
          if (
            await connect
              .or(other.page.locator('.connected'))
              .first()
              .waitFor()
              .then(() => connect.count())
          )
            await connect.click();
          await other.page.locator('.connected').waitFor();
          return other.page.evaluate<string>('document.documentElement.dataset.density');
        },
        { timeout: 15_000 },
      )
      .toBe('compact');
    await ada.go('/orbit/general');
    await ada.page.fill('.composer .composer-text', 'begun here');
    await other.go('/orbit/general');
    await other.page.locator('.composer .composer-text').waitFor();
    await expect
      .poll(
        async () => {
          await other.page.evaluate('window.dispatchEvent(new Event("focus"))');
          return other.page.inputValue('.composer .composer-text');
        },
        { timeout: 15_000 },
      )
      .toBe('begun here');
    await ada.page.fill('.composer .composer-text', '');
    await other.context.close();
    await ada.go('/settings/appearance');
    await ada.page.check('#density-comfortable');
  });

  test('everything of one’s own comes out as one file', async () => {
    const { ada } = scene();
    await ada.go('/settings/data');
    const [download] = await Promise.all([ada.page.waitForEvent('download'), ada.page.click('.button:has-text("Export")')]);
    const file = JSON.parse(readFileSync(await download.path(), 'utf8')) as Record<string, unknown>;
    expect(Object.keys(file)).toEqual(['account', 'exportedAt', 'settings', 'teams', 'networks', 'drafts']);
    expect(file['teams']).toMatchObject([{ slug: 'orbit', role: 'owner' }]);
  });

  test('a storage elsewhere is connected by its address and consent page', async () => {
    const { ada, house } = scene();
    await ada.go('/settings/data');
    const disconnect = ada.page.locator('.button:has-text("Disconnect")');
    const field = ada.page.locator('#rs-address');
    await disconnect.click();
    await field.fill(`bob@localhost:${house.port}`);
    await field.press('Enter');
    await ada.page.waitForURL(/oauth/);
    await ada.page.fill('input[type=password]', PASSWORD);
    await ada.page.getByRole('button', { name: 'Allow', exact: true }).click();
    await ada.page.waitForURL(/settings\/data/);
    await ada.page.locator('.connected', { hasText: 'bob@localhost' }).waitFor();
    await ada.page.click('.button:has-text("Disconnect")');
    await field.waitFor();
  });

  test('the password is changed, and the new one logs in', async () => {
    const { chromium, house, bob } = scene();
    await bob.go('/settings/account');
    await bob.page.fill('#old-password', 'wrong wrong wrong');
    await bob.page.fill('#new-password', 'turnips for everybody');
    await bob.page.click('.button:has-text("Change the password")');
    await bob.page.locator('.form-error').waitFor();
    await bob.page.fill('#old-password', PASSWORD);
    await bob.page.fill('#new-password', 'turnips for everybody');
    await bob.page.click('.button:has-text("Change the password")');
    await bob.page.locator('.toast', { hasText: 'changed' }).waitFor();
    const other = await (await ChatWindow.open(chromium, house.origin)).logIn('bob', 'turnips for everybody');
    await other.context.close();
    await bob.go('/orbit/general');
    await bob.page.locator('.composer-text').waitFor();
    for (const window of [scene().ada]) await window.go('/orbit/general');
    await scene().ada.page.locator('.composer-text').waitFor();
  });
}
