import { expect, test } from 'vitest';
import { PASSWORD } from '../../support/appliance.ts';
import { eventually } from '../../support/eventually.ts';
import { IrcClient } from '../../support/irc.ts';
import { act, choose, confirm, entry, row, visit, walk } from '../support/panel.ts';
import type { Scene } from '../support/scene.ts';
import { ChatWindow } from '../support/window.ts';

type PanelScene = Pick<Scene, 'chromium' | 'house' | 'owner' | 'ada'>;
/** A red dot of one pixel. */
const picture = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC', 'base64');

/** What each page of the panel does, with its effect on the servers and in the chat. */
export function adminActTests(scene: () => PanelScene): void {
  const irc = (name: string, password = PASSWORD): Promise<IrcClient> => {
    const { house } = scene();
    return IrcClient.logIn({ port: house.ircsPort, certificate: house.certificate, name, password });
  };

  test('a channel is edited, opened to somebody, for newcomers, brought back and deleted: IRC follows', async () => {
    const { ada, house, owner } = scene();
    const page = await visit(ada, 'team/orbit/channels');
    await act(page, 'launch', 'Bring back');
    await row(page, 'launch').locator('.tag', { hasText: 'archived' }).waitFor({ state: 'detached' });
    const bob = await irc('bob');
    bob.send('JOIN #launch');
    await bob.receives(/JOIN .*#launch/);
    await choose(page, 'launch', 'Edit');
    await page.fill('#channel-topic', 'We have lift-off');
    await page.check('.dialog input[name=private]');
    await page.click('.dialog button[type=submit]');
    await bob.receives(/TOPIC #launch|KICK #launch bob/);
    bob.send('PART #launch', 'JOIN #launch');
    await bob.receives(/ (403|473) .*#launch/);
    await choose(page, 'launch', 'Who may enter');
    await page.selectOption('#add-member', 'bob');
    await page.click('.inline-add button');
    await entry(page, 'bob').waitFor();
    bob.send('JOIN #launch');
    await bob.receives('We have lift-off');
    await entry(page, 'bob').locator('.button').click();
    await bob.receives(/KICK #launch bob/);
    await page.locator('.dialog-head .icon-button').click();
    await act(page, 'launch', 'For newcomers');
    await row(page, 'launch').locator('.tag', { hasText: 'newcomers' }).waitFor();
    await house.join(owner, 'orbit', 'yara');
    const yara = await irc('yara');
    yara.send('JOIN #launch');
    await yara.receives('We have lift-off');
    await act(page, 'launch', 'Not for newcomers');
    expect(await act(page, 'launch', 'Delete')).toMatch(/no way back/);
    await yara.receives(/KICK #launch yara|PART #launch/);
    yara.send('JOIN #launch');
    await yara.receives(/ (403|473) .*#launch/);
    for (const each of [bob, yara]) each.close();
  });

  test('a member’s sessions are ended, all or one of them, and who is removed is out of the channels', async () => {
    const { ada, house } = scene();
    const page = await visit(ada, 'team/orbit/members');
    const yara = await irc('yara');
    const window = await (await ChatWindow.open(scene().chromium, house.origin)).logIn('yara');
    expect(await act(page, 'yara', 'End all sessions')).toMatch(/logged out at once/);
    await yara.isCutOff();
    expect((await window.page.request.get(`${house.origin}/api/session`)).status()).toBe(401);
    await window.logIn('yara');
    await visit(ada, 'team/orbit/members/yara');
    await page.locator('#sessions ~ ul li', { hasText: 'Chrom' }).locator('.button').first().click();
    await eventually('that one has ended', async () => (await window.page.request.get(`${house.origin}/api/session`)).status() === 401);
    await window.context.close();
    const back = await irc('yara');
    back.send('JOIN #general');
    await back.receives(/ 366 /);
    await visit(ada, 'team/orbit/members');
    expect(await act(page, 'yara', 'Remove from the team')).toMatch(/written stays/);
    await row(page, 'yara').waitFor({ state: 'detached' });
    await back.receives(/KICK #general yara/);
    back.close();
  });

  test('an account is made with a link, made admin and no more, disabled and enabled, its sessions ended', async () => {
    const { ada, house, chromium } = scene();
    const page = await visit(ada, 'accounts');
    await page.click('.page-actions .button');
    await page.fill('#account-name', 'nora');
    await page.selectOption('#account-team', 'orbit');
    await page.click('.dialog button[type=submit]');
    const link = new URL(await page.inputValue('.invite-share .input')).pathname;
    await page.click('.dialog .form-buttons .primary');
    const nora = await ChatWindow.open(chromium, house.origin);
    await nora.go(link);
    await nora.page.fill('#new-password', PASSWORD);
    await nora.page.click('button[type=submit]');
    await nora.page.waitForSelector('h1:text-is("That is done")');
    await nora.context.close();
    const api = await house.logIn('nora');
    await page.fill('input[type=search]', 'nora');
    expect(await act(page, 'nora', 'Make appliance admin')).toMatch(/everything here/);
    await row(page, 'nora').locator('.tag', { hasText: 'appliance admin' }).waitFor();
    await api.ask(200, 'GET', '/api/admin/overview');
    await act(page, 'nora', 'Withdraw admin rights');
    await row(page, 'nora').locator('.tag', { hasText: 'appliance admin' }).waitFor({ state: 'detached' });
    await api.ask(403, 'GET', '/api/admin/overview');
    const client = await irc('nora');
    await act(page, 'nora', 'End all sessions');
    await client.isCutOff();
    await api.ask(401, 'GET', '/api/session');
    const again = await irc('nora');
    await act(page, 'nora', 'Disable');
    await again.isCutOff();
    await row(page, 'nora').locator('.tag.bad').waitFor();
    await act(page, 'nora', 'Enable');
    await row(page, 'nora').locator('.tag.bad').waitFor({ state: 'detached' });
    (await irc('nora')).close();
    await page.fill('input[type=search]', 'eve');
    await act(page, '@eve', 'Remove second factors');
    await house.logIn('eve');
  });

  test('a team is made, renamed, and wears its colour and logo in the chat’s rail', async () => {
    const { ada, owner } = scene();
    const page = await visit(ada, 'teams');
    await page.click('.page-actions .button');
    await page.fill('#team-name', 'Nova');
    await page.check('.dialog input[value=irc]');
    await page.click('.dialog button[type=submit]');
    await page.locator('.toast', { hasText: 'Nova' }).first().waitFor();
    await owner.ask(200, 'GET', '/api/teams/nova');
    await visit(ada, 'team/nova/team');
    await page.fill('#team-name', 'Supernova');
    await page.check('input[name=has-accent]');
    await page.fill('#accent', '#ffd23f');
    const saved = page.locator('.toast', { hasText: 'Saved' });
    await page.click('section:has(#looks) button[type=submit]');
    await saved.first().waitFor();
    await ada.go('/orbit/general');
    const tile = page.locator('.rail-space[title="Supernova"]');
    expect(await tile.locator('svg rect').getAttribute('fill')).toBe('#ffd23f');
    await visit(ada, 'team/nova/team');
    await page.setInputFiles('input[type=file]', { name: 'logo.png', mimeType: 'image/png', buffer: picture });
    await page.locator('.logo-choice img').waitFor();
    await ada.go('/orbit/general');
    await eventually('the picture is shown', () =>
      page.evaluate<boolean>(`document.querySelector('.rail-space[title="Supernova"] img')?.naturalWidth === 1`),
    );
    await visit(ada, 'team/nova/team');
    await page.click('button:has-text("Remove the logo")');
    await page.locator('.logo-choice img').waitFor({ state: 'detached' });
    await page.setInputFiles('input[type=file]', { name: 'logo.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
    await page.locator('.form-error', { hasText: 'PNG, JPEG or WebP' }).waitFor();
    await page.check('input[name=kept][value=days]');
    await page.fill('#retention-days', '90');
    await page.click('section:has(#retention) button[type=submit]');
    await eventually('it keeps them so long', async () => {
      const { retentionDays } = await owner.ask<{ retentionDays: number }>(200, 'GET', '/api/admin/teams/nova');
      return retentionDays === 90;
    });
  });

  test('webhooks are made, used, looked up and removed; a bot comes and goes', async () => {
    const { ada } = scene();
    const page = await visit(ada, 'team/orbit/webhooks');
    const bob = await irc('bob');
    bob.send('JOIN #general');
    await bob.receives(/ 366 /);
    await page.click('section:has(#incoming) .component-head .button');
    await page.fill('#hook-name', 'Monitor');
    await page.click('.dialog button[type=submit]');
    const address = await page.locator('.dialog input[readonly]').first().inputValue();
    await page.click('.dialog .form-buttons .primary');
    const post = (body: string) =>
      fetch(address, { method: 'POST', headers: { 'content-type': 'application/json' }, body }).then(({ status }) => status);
    await eventually('it is posted', async () => (await post('{"text": "disk is full"}')) === 200);
    await bob.receives('disk is full');
    expect(await post('{"nothing": 1}')).toBe(400);
    await entry(page, 'Monitor').locator('.button:has-text("History")').click();
    await page.locator('.calls .state.bad', { hasText: '400' }).waitFor();
    await page.locator('.calls .state.good', { hasText: '200' }).waitFor();
    expect(await ada.barriers()).toEqual([]);
    await page.locator('.dialog-head .icon-button').click();
    await entry(page, 'Monitor').locator('.button:has-text("New address")').click();
    await confirm(page);
    await page.click('.dialog .form-buttons .primary');
    expect(await post('{"text": "late"}')).toBe(404);
    await entry(page, 'Monitor').locator('.button:has-text("Remove")').click();
    await confirm(page);
    await entry(page, 'Monitor').waitFor({ state: 'detached' });

    await page.click('section:has(#outgoing) .component-head .button');
    await page.fill('#out-name', 'Inside');
    await page.fill('#out-url', 'http://127.0.0.1:1/hook');
    await page.click('.dialog button[type=submit]');
    await page.click('.dialog .form-buttons .primary');
    await entry(page, 'Inside').locator('.button:has-text("Test")').click();
    await page.locator('.toast', { hasText: 'no public address' }).first().waitFor();
    await entry(page, 'Inside').locator('.button:has-text("History")').click();
    await page.click('.calls .button:has-text("Send again")');
    await page.locator('.calls', { hasText: '2 attempts' }).waitFor();
    await page.locator('.dialog-head .icon-button').click();
    await entry(page, 'Inside').locator('.button:has-text("Remove")').click();
    await confirm(page);

    await page.click('section:has(#bots) .component-head .button');
    await page.fill('#bot-name', 'helper');
    await page.click('.dialog button[type=submit]');
    const password = await page.locator('.dialog input[readonly]').nth(1).inputValue();
    await page.click('.dialog .form-buttons .primary');
    const bot = await irc('helper', password);
    bot.send('JOIN #general', 'PRIVMSG #general :at your service');
    await bob.receives('at your service');
    await entry(page, 'helper').locator('.button:has-text("New password")').click();
    await confirm(page);
    await bot.isCutOff();
    const next = await page.locator('.dialog input[readonly]').nth(1).inputValue();
    await page.click('.dialog .form-buttons .primary');
    const again = await irc('helper', next);
    await entry(page, 'helper').locator('.button:has-text("Remove")').click();
    expect(await confirm(page)).toMatch(/cut off/);
    await again.isCutOff();
    bob.close();
  });

  test('a component is stopped and started; another server that does not answer is refused by name of the hop', async () => {
    const { ada, house } = scene();
    const page = await visit(ada, 'components/storage');
    const before = await house.componentPid('storage');
    await page.click('.page-actions .button:has-text("Stop")');
    expect(await confirm(page)).toMatch(/until it is started/);
    await page.click('.page-actions .button:has-text("Start")');
    await confirm(page);
    await eventually('another process', async () => (await house.componentPid('storage')) !== before);
    for (const name of ['ergo', 'prosody', 'storage']) {
      await walk(ada, 'components');
      await walk(ada, `components/${name}`);
      await page.fill('#external-host', '127.0.0.1');
      await page.fill('#external-port', '1');
      await page.click('section:has(#external) button[type=submit]');
      await page.click('.confirm button[type=submit]');
      await page.locator('.confirm .form-error', { hasText: 'ECONNREFUSED' }).waitFor();
      await page.click('.confirm .form-buttons .button:not([type=submit])');
      await page.locator('section:has(#external) .form-error', { hasText: 'Connecting' }).waitFor();
    }
    await walk(ada, 'components');
    await page.locator('.component-cards .card', { hasText: 'Valkey' }).locator('.tag', { hasText: 'not used' }).waitFor();
  });

  test('security and settings are stored, and hold', async () => {
    const { ada, owner, chromium, house } = scene();
    const page = await visit(ada, 'security');
    const saved = () => page.locator('.toast', { hasText: 'Saved' }).last().waitFor();
    const stored = () => owner.ask<Record<string, unknown>>(200, 'GET', '/api/admin/settings');
    await page.fill('#session-days', '7');
    await page.click('form:has(#session-days) button[type=submit]');
    await saved();
    await page.fill('#limit-failures', '12');
    await page.click('form:has(#limit-failures) button[type=submit]');
    await expect.poll(stored).toMatchObject({ sessionDays: 7, limits: { loginFailures: 12 } });
    await page.check('input[name=required]');
    await page.click('form:has(input[name=required]) button[type=submit]');
    await page.locator('.form-error', { hasText: 'second factor' }).waitFor();
    await page.check('input[name=which][value=some]');
    await page.fill('#outside-hosts', 'irc.example.org');
    await page.click('form:has(#outside-hosts) button[type=submit]');
    await eventually('the gateway has it', async () => {
      const { hosts } = await owner.ask<{ hosts: unknown }>(200, 'GET', '/api/gateway/settings');
      return JSON.stringify(hosts) === '["irc.example.org"]';
    });
    await visit(ada, 'settings');
    await page.selectOption('#appliance-language', 'de');
    await page.click('form:has(#appliance-language) button[type=submit]');
    await eventually('it is stored', async () => (await stored()).language === 'de');
    // Whose browser asks for neither language gets the appliance's; whose asks for one gets that.
    for (const [language, word] of [
      ['fr-FR', 'Anmelden'],
      ['en-GB', 'Log in'],
    ] as const) {
      const stranger = await ChatWindow.open(chromium, house.origin, { language });
      await stranger.go('/login');
      await stranger.page.locator('button[type=submit]', { hasText: word }).waitFor();
      await stranger.context.close();
    }
    await owner.ask(200, 'PATCH', '/api/admin/settings', { language: 'en', sessionDays: 30 });
  });
}
