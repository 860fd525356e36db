import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { expect, test } from 'vitest';
import { PASSWORD } from '../../support/appliance.ts';
import { eventually } from '../../support/eventually.ts';
import type { Scene } from '../support/scene.ts';
import { ChatWindow } from '../support/window.ts';

/** Registration by a mail address of the team's domain, from the form over the mail to the chat. */
export function mailedLinkTests(scene: () => Pick<Scene, 'chromium' | 'house' | 'owner'>): void {
  test('whoever gets mail at the team’s domain registers, and the mailed link opens the chat, once', async () => {
    const { chromium, house, owner } = scene();
    const mails: string[] = [];
    const server = new SMTPServer({
      ...{ authOptional: true, disabledCommands: ['STARTTLS', 'AUTH'], disableReverseLookup: true },
      onData: (stream, _, done) => {
        let text = '';
        stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
        stream.on('end', () => done(null, String(mails.push(text))));
      },
    });
    server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
    const { port } = server.server.address() as AddressInfo;
    const smtp = { host: '127.0.0.1', port, security: 'none', from: 'chat@example.org' };
    await owner.ask(200, 'PATCH', '/api/admin/settings', { smtp });
    const registration = { policy: 'domains', domains: ['example.org'], team: 'orbit' };
    await owner.ask(200, 'PATCH', '/api/admin/settings', { registration });
    const window = await ChatWindow.open(chromium, house.origin);
    const { page, context } = window;
    try {
      await window.go('/register');
      await page.fill('#name', 'mila');
      await page.fill('#email', 'mila@elsewhere.org');
      await page.fill('#new-password', PASSWORD);
      await page.click('button[type=submit]');
      await page.locator('.form-error', { hasText: 'example.org' }).waitFor();
      await page.fill('#email', 'mila@example.org');
      await page.click('button[type=submit]');
      await page.locator('[role=status]', { hasText: 'mila@example.org' }).waitFor();
      const link = await eventually('the mail', () => /\/register\/[\w-]{43}/.exec(mails.at(-1) ?? '')?.[0]);
      await window.go(link);
      await page.click('.button.primary.wide');
      await page.waitForSelector('.composer-text');
      await context.clearCookies();
      await window.go(link);
      await page.click('.button.primary.wide');
      await page.locator('.form-error').waitFor();
      const { members } = await owner.ask<{ members: { name: string }[] }>(200, 'GET', '/api/teams/orbit/members');
      expect(members.map(({ name }) => name)).toContain('mila');
    } finally {
      await owner.ask(200, 'PATCH', '/api/admin/settings', { registration: { policy: 'invite' }, smtp: null });
      await context.close();
      await new Promise<void>((resolve) => server.close(resolve));
    }
  });
}
