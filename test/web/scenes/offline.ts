import { expect, test } from 'vitest';
import type { FindScene } from '../support/scene.ts';

/** Without a connection: what was read is there, what is written is not lost. */
export function offlineTests(scene: FindScene): void {
  test('the last messages read are there without a connection, and the bar says how it stands', async () => {
    const { ada, bob } = scene();
    await ada.say('remember this offline');
    await bob.sees('remember this offline');
    await bob.enter('random');
    await bob.enter('general');
    await bob.untilOfflineReady();
    await bob.context.setOffline(true);
    await bob.page.reload();
    await bob.sees('remember this offline');
    await bob.page.locator('.bar.offline').waitFor();
  });

  test('what is written offline survives a reload and goes out by itself or by “retry”', async () => {
    const { ada, bob } = scene();
    await bob.page.fill('.composer .composer-text', 'half a thought');
    await bob.page.reload();
    await bob.page.locator('.composer .composer-text').waitFor();
    expect(await bob.page.inputValue('.composer .composer-text')).toBe('half a thought');
    await bob.say('written on the train');
    await bob.page.locator('.message.failed', { hasText: 'Waits for a connection' }).waitFor();
    await bob.page.reload();
    const failed = bob.page.locator('.message.failed', { hasText: 'written on the train' });
    await failed.waitFor();
    await bob.context.setOffline(false);
    await bob.page.locator('.bar.offline').waitFor({ state: 'detached' });
    await failed.getByRole('button', { name: 'Retry' }).click();
    await ada.sees('written on the train');
    await bob.context.setOffline(true);
    await bob.page.locator('.bar.offline').waitFor();
    await bob.say('sent by itself');
    await bob.page.locator('.message.failed', { hasText: 'sent by itself' }).waitFor();
    await bob.context.setOffline(false);
    await ada.sees('sent by itself');
    expect(await ada.page.locator('.timeline .message', { hasText: 'sent by itself' }).count()).toBe(1);
  });
}
