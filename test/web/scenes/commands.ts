import { expect, test } from 'vitest';
import type { FindScene } from '../support/scene.ts';

/** Every slash command, as far as the home of the team has it. */
export function commandTests(scene: FindScene): void {
  test('/me is told in one line, /topic is seen in the head by both', async () => {
    const { ada, bob } = scene();
    await ada.say('/me waves from afar');
    const line = await bob.sees('waves from afar');
    expect(await line.getAttribute('class')).toContain('action');
    await ada.say('/topic Plans for **all** of us');
    for (const window of [ada, bob]) await window.page.locator('.channel-topic', { hasText: 'Plans for **all** of us' }).waitFor();
    await bob.page.locator('.happenings', { hasText: 'ada set the topic: Plans for **all** of us' }).waitFor();
  });

  test('/away shows it to the other, writing ends it', async () => {
    const { ada, bob } = scene();
    await bob.page.click('.tool-button');
    await ada.say('/away lunch');
    await ada.page.locator('.rail-me .presence.away').waitFor();
    await bob.page.locator('.panel .person.away', { hasText: 'ada' }).waitFor();
    await ada.say('back again');
    await ada.page.locator('.rail-me .presence.online').waitFor();
    await bob.page.locator('.panel .person:not(.away)', { hasText: 'ada' }).waitFor();
    await bob.page.click('.panel-head .icon-button');
  });

  test('/msg, /join and /part lead where they say', async () => {
    const { ada, bob } = scene();
    await ada.say('/msg bob psst');
    await ada.page.locator('.channel-head h1:text-is("bob")').waitFor();
    await ada.sees('psst');
    await bob.page.locator('.sidebar .item:has(.item-name:text-is("ada")) .badge').waitFor();
    await ada.say('/join #design');
    await ada.page.locator('.channel-head h1:text-is("design")').waitFor();
    await ada.say('/part');
    await ada.page.locator('.sidebar .item:has(.item-name:text-is("design"))').waitFor({ state: 'detached' });
    await ada.enter('general');
    await ada.say('/join design');
    await ada.page.locator('.channel-head h1:text-is("design")').waitFor();
    await ada.enter('general');
  });

  test('/invite brings somebody into a private channel, /kick puts them out', async () => {
    const { ada, bob, owner } = scene();
    await owner.ask(201, 'POST', '/api/teams/orbit/channels', { name: 'secret', private: true });
    await ada.page.reload();
    await ada.enter('secret');
    await ada.say('/invite bob');
    await ada.page.locator('.toast', { hasText: 'bob is invited to #secret' }).waitFor();
    await bob.page.evaluate('window.dispatchEvent(new Event("focus"))');
    await bob.enter('secret');
    await ada.enter('secret');
    await ada.say('welcome inside');
    await bob.sees('welcome inside');
    await bob.enter('general');
    await ada.enter('design');
    await bob.enter('design');
    await ada.say('/kick bob that was all');
    await ada.page.locator('.happenings', { hasText: 'ada removed bob: that was all' }).waitFor();
    await bob.page.locator('.notice-line', { hasText: 'You are not in this channel' }).getByRole('button', { name: 'Join' }).click();
    await bob.page.locator('.notice-line').waitFor({ state: 'detached' });
    await ada.say('in peace again');
    await bob.sees('in peace again');
    await bob.enter('general');
    await ada.enter('general');
  });

  test('/nick changes the name where the home allows it, and says why where not', async () => {
    const { ada, bob } = scene();
    await ada.say('/nick lina');
    const refused = ada.page.locator('.toast.error');
    const changed = bob.page.locator('.happenings', { hasText: 'ada is now lina' });
    await refused
      .or(ada.page.locator('.happenings', { hasText: 'ada is now lina' }))
      .first()
      .waitFor();
    if (await refused.count()) return void (await ada.page.fill('.composer .composer-text', ''));
    await changed.waitFor();
    await ada.say('/nick ada');
    await bob.page.locator('.happenings', { hasText: 'lina is now ada' }).waitFor();
  });

  test('/help shows the sheet; an unknown command says so and keeps the text', async () => {
    const { ada } = scene();
    await ada.say('/help');
    await ada.page.locator('.dialog .keys').first().waitFor();
    await ada.page.keyboard.press('Escape');
    await ada.say('/dance wildly');
    await ada.page.locator('.toast.error', { hasText: 'no command /dance' }).waitFor();
    expect(await ada.page.inputValue('.composer .composer-text')).toBe('/dance wildly');
    await ada.page.fill('.composer .composer-text', '');
    await ada.page.locator('#main').press('?');
    await ada.page.locator('.dialog .keys').first().waitFor();
    await ada.page.keyboard.press('Escape');
  });
}
