import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, expect, it } from 'vitest';
import { isMailAddress, sendByHops, sendMail, type MailServer } from './mail.ts';

const servers: SMTPServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise<void>((resolve) => server.close(resolve));
});

/** A real SMTP server; what it takes is put into `taken`. */
async function openServer(options: SMTPServerOptions, taken: string[] = []): Promise<MailServer> {
  const server = new SMTPServer({
    disableReverseLookup: true,
    onAuth: ({ username, password }, _, done) =>
      username === 'kosmos' && password === 'right' ? done(null, { user: 'kosmos' }) : done(new Error('535 not this password')),
    onRcptTo: ({ address }, _, done) => done(address.startsWith('nobody') ? new Error('no such mailbox here') : null),
    onData: (stream, _, done) => {
      let text = '';
      stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
      stream.on('end', () => {
        taken.push(text);
        done(text.includes('refuse me') ? new Error('looks like spam') : null);
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  servers.push(server);
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  return { host: '127.0.0.1', port, security: 'none', user: null, password: null, from: 'Team <chat@example.org>' };
}

const mail = { to: 'ada@example.org', subject: 'Hello', text: 'It arrived.' };
const outline = async (server: MailServer, sent = mail): Promise<string[]> =>
  (await sendByHops(server, sent)).map(({ hop, ok, skipped }) => `${hop} ${skipped ? 'skipped' : ok ? 'ok' : 'failed'}`);
const open = { authOptional: true, disabledCommands: ['STARTTLS', 'AUTH'] };

it('sends a mail, and tells what each hop answered', async () => {
  const taken: string[] = [];
  const server = await openServer(open, taken);
  expect(await outline(server)).toEqual(['dns ok', 'connect ok', 'tls skipped', 'greeting ok', 'auth skipped', 'envelope ok', 'data ok']);
  expect(taken.join()).toMatch(/From: Team <chat@example.org>\r\nTo: ada@example.org[\s\S]+It arrived\./);
});

it('logs in, and says so if it cannot', async () => {
  const server = { ...(await openServer({ disabledCommands: ['STARTTLS'], allowInsecureAuth: true })), user: 'kosmos', password: 'right' };
  expect(await outline(server)).toContain('auth ok');
  const hops = await sendByHops({ ...server, password: 'wrong' }, mail);
  expect(hops.at(-1)).toMatchObject({ hop: 'auth', ok: false, answer: expect.stringContaining('535') });
  expect(JSON.stringify(hops)).not.toContain('wrong');
});

it.each([
  ['a name that is none', { host: 'no-such-host.invalid' }, mail, 'dns'],
  ['a port where nobody listens', { port: 1 }, mail, 'connect'],
  ['TLS where there is none', { security: 'tls' as const }, mail, 'tls'],
  ['STARTTLS where it is not offered', { security: 'starttls' as const }, mail, 'greeting'],
  ['a mailbox that is not there', {}, { ...mail, to: 'nobody@example.org' }, 'envelope'],
  ['a mail that is not wanted', {}, { ...mail, text: 'refuse me' }, 'data'],
])('names the hop for %s', async (_, change, sent, hop) => {
  const server = { ...(await openServer(open)), ...change };
  const hops = await sendByHops(server, sent);
  expect(hops.filter(({ ok }) => !ok)).toMatchObject([{ hop }]);
  expect(hops.at(-1)?.answer).not.toBe('');
  await expect(sendMail(server, sent)).rejects.toMatchObject({ code: 'KOSMOS_ERR_MAIL', details: { hop } });
});

it('does not send in the clear what shall be encrypted', async () => {
  const taken: string[] = [];
  const server = { ...(await openServer(open, taken)), security: 'starttls' as const };
  await sendByHops(server, mail);
  expect(taken).toEqual([]);
});

it.each([
  ['ada@example.org', true],
  ['ada.b+c@chat.example.org', true],
  ['ada', false],
  ['ada@', false],
  ['a da@example.org', false],
  ['ada@example.org\r\nBcc: eve@example.org', false],
  ['<ada@example.org>', false],
])('%j is a mail address: %s', (text, answer) => {
  expect(isMailAddress(text)).toBe(answer);
});
