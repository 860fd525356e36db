import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Browser } from '../gateway/support/browser.ts';
import { PASSWORD, root, TestAppliance, type Api } from '../support/appliance.ts';
import { EventReader } from '../support/event-reader.ts';
import { eventually } from '../support/eventually.ts';
import { IrcClient } from '../support/irc.ts';
import { XmppClient } from '../support/xmpp.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'kosmos-settings-'));
let house: TestAppliance;
let ada: Api;

beforeAll(async () => {
  // What a public certificate authority is elsewhere: control trusts this one.
  makeCertificate('trusted');
  makeCertificate('unknown');
  const environment = { NODE_EXTRA_CA_CERTS: path.join(folder, 'trusted.pem') };
  ({ appliance: house, ada } = await TestAppliance.startSetUp('irc', environment));
});
afterAll(async () => {
  await house.dispose();
  rmSync(folder, { recursive: true });
});

function makeCertificate(name: string): void {
  const files = ['-keyout', path.join(folder, `${name}.key`), '-out', path.join(folder, `${name}.pem`)];
  const wanted = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', `/CN=${name}`];
  execFileSync('openssl', ['req', '-x509', ...wanted, '-addext', 'subjectAltName=DNS:localhost', ...files], { stdio: 'ignore' });
}

const irc = (name: string, password = PASSWORD): Promise<IrcClient> =>
  IrcClient.logIn({ port: house.ircsPort, certificate: house.certificate, name, password });
const settings = (change: object) => ada.ask(200, 'PATCH', '/api/admin/settings', change);

describe('mail', () => {
  const taken: string[] = [];
  /** A real mail server that wants a log-in, and encryption before it. */
  async function open(options: SMTPServerOptions, certificate = 'trusted'): Promise<{ port: number; close: () => void }> {
    const keys = {
      key: readFileSync(path.join(folder, `${certificate}.key`)),
      cert: readFileSync(path.join(folder, `${certificate}.pem`)),
    };
    const server = new SMTPServer({
      ...{ ...keys, disableReverseLookup: true },
      onAuth: ({ username, password }, _, done) =>
        username === 'chat' && password === 'right' ? done(null, { user: 'chat' }) : done(new Error('no')),
      onRcptTo: ({ address }, _, done) => done(address.startsWith('nobody') ? new Error('no such mailbox') : null),
      onData: (stream, session, done) => {
        let text = '';
        stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
        stream.on('end', () => done(null, String(taken.push(`${session.secure ? 'secure' : 'open'} ${text}`))));
      },
      ...options,
    });
    server.on('error', () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
    return { port: (server.server.address() as AddressInfo).port, close: () => server.close() };
  }
  interface Report {
    ok: boolean;
    hops: { hop: string; ok: boolean; skipped: boolean; answer: string }[];
  }
  const trial = (smtp: object, to = 'ada@example.org') => ada.ask<Report>(200, 'POST', '/api/admin/settings/smtp/test', { to, smtp });
  const failing = ({ ok, hops }: Report) => [ok, hops.at(-1)?.hop, (hops.at(-1)?.answer ?? '') !== ''];

  test.each([
    ['tls', { secure: true }, 'tls'],
    ['starttls', { secure: false }, 'greeting'],
  ] as const)('%s: goes out encrypted, and each hop that fails is named', async (security, options, trustHop) => {
    const server = await open(options);
    const unknown = await open(options, 'unknown');
    const plain = await open({ secure: false, disabledCommands: ['STARTTLS'] });
    const smtp = { host: 'localhost', port: server.port, security, user: 'chat', password: 'right', from: 'Chat <chat@example.org>' };
    try {
      const report = await trial(smtp);
      expect(report.hops.map(({ hop, ok }) => `${hop} ${ok}`)).toEqual(
        ['dns', 'connect', 'tls', 'greeting', 'auth', 'envelope', 'data'].map((hop) => `${hop} true`),
      );
      expect(report.ok).toBe(true);
      expect(taken.at(-1)).toMatch(/^secure [\s\S]*To: ada@example\.org/);
      const failures: [object, string, string?][] = [
        [{ host: 'no-such-host.invalid' }, 'dns'],
        [{ port: 1 }, 'connect'],
        [{ port: unknown.port }, trustHop],
        [{ port: plain.port }, trustHop],
        [{ password: 'wrong' }, 'auth'],
        [{}, 'envelope', 'nobody@example.org'],
      ];
      for (const [change, hop, to] of failures) expect(failing(await trial({ ...smtp, ...change }, to))).toEqual([false, hop, true]);
      await settings({ smtp });
      const stored = await ada.ask<Report>(200, 'POST', '/api/admin/settings/smtp/test', { to: 'ada@example.org' });
      expect(stored.ok).toBe(true);
      expect(JSON.stringify(await ada.ask(200, 'GET', '/api/admin/settings'))).not.toContain('right');
    } finally {
      for (const each of [server, unknown, plain]) each.close();
    }
  });
});

test('what is older than the team keeps goes from the archive and its documents; the rest stays', async () => {
  const at = (days: number) => new Date(Date.now() - days * 24 * 3_600_000).toISOString();
  const day = (time: string) => time.slice(0, 10).replaceAll('-', '/');
  const [old, recent] = [at(40), at(2)];
  const document = (date: string, text: string) => ({
    ...{ '@context': 'https://kosmos.org/ns/v1', '@id': 'chat-messages/localhost/channels/general/', '@type': 'ChatChannel' },
    ...{ name: '#general', ircURI: 'irc://localhost/general' },
    today: { '@id': day(date), '@type': 'ChatLog', messageType: 'InstantMessage', messages: [{ date, user: 'bea', text, type: 'text' }] },
  });
  const channel = '/api/teams/orbit/channels/general';
  await ada.ask(201, 'POST', `${channel}/import`, document(old, 'forty days ago'));
  await ada.ask(201, 'POST', `${channel}/import`, document(recent, 'two days ago'));
  const { folder: address } = await ada.ask<{ folder: string }>(200, 'PUT', `${channel}/documents`, { visibility: 'public' });
  const read = async (date: string) => {
    const answer = await fetch(address + day(date));
    return answer.status === 200 ? JSON.stringify(await answer.json()) : answer.status;
  };
  await eventually('both days are written', async () => {
    const texts = await Promise.all([read(old), read(recent)]);
    return String(texts[0]).includes('forty') && String(texts[1]).includes('two days') && String(texts[1]).includes(day(old));
  });
  expect(await ada.ask(200, 'POST', '/api/admin/teams/orbit/retention/preview', { days: 30 })).toEqual({ messages: 1 });
  await ada.ask(200, 'PATCH', '/api/teams/orbit', { retentionDays: 30 });
  const texts = async () =>
    (await ada.ask<{ messages: { text: string }[] }>(200, 'GET', `${channel}/messages`)).messages.map(({ text }) => text);
  await eventually('the old one is gone', async () => !(await texts()).includes('forty days ago'));
  expect(await texts()).toContain('two days ago');
  await eventually('its document too', async () => (await read(old)) === 404);
  const left = await eventually('the link to it', async () => {
    const text = String(await read(recent));
    return !text.includes(day(old)) && text;
  });
  expect(left).toContain('two days ago');
  const { acts } = await ada.ask<{ acts: object[] }>(200, 'GET', '/api/admin/audit?action=retention.run');
  expect(acts).toMatchObject([{ actor: null, via: 'appliance', details: { messages: 1, days: 30 } }]);
  await ada.ask(200, 'PATCH', '/api/teams/orbit', { retentionDays: null });
});

test('a default channel is open to whoever joins, a private one too', async () => {
  await ada.ask(201, 'POST', '/api/teams/orbit/channels', { name: 'newcomers', private: true });
  const before = await house.join(ada, 'orbit', 'bea');
  await ada.ask(200, 'PATCH', '/api/teams/orbit/channels/newcomers', { default: true });
  const after = await house.join(ada, 'orbit', 'carl');
  const namesOf = async (of: Api) =>
    (await of.ask<{ channels: { name: string }[] }>(200, 'GET', '/api/teams/orbit/channels')).channels.map(({ name }) => name);
  expect(await namesOf(before)).not.toContain('newcomers');
  expect(await namesOf(after)).toContain('newcomers');
  const [carl, bea] = await Promise.all([irc('carl'), irc('bea')]);
  carl.send('JOIN #newcomers');
  bea.send('JOIN #newcomers');
  await carl.receives(/JOIN .*#newcomers/);
  await bea.receives(/ (403|473) .*#newcomers/);
  carl.close();
  bea.close();
});

test('sessions last as long as is set, and limits hold for the address that exceeds them', async () => {
  await settings({ sessionDays: 1, limits: { requestsPerMinute: 300, loginFailures: 3 } });
  const from = (address: string) => ({ 'x-forwarded-for': address, 'content-type': 'application/json' });
  const logIn = (address: string, password = PASSWORD) =>
    fetch(`${house.origin}/api/session`, { method: 'POST', headers: from(address), body: JSON.stringify({ name: 'ada', password }) });
  const answer = await logIn('203.0.113.1');
  const { session } = (await answer.json()) as { session: { expiresAt: string } };
  const hours = (Date.parse(session.expiresAt) - Date.now()) / 3_600_000;
  expect([hours > 23, hours <= 24]).toEqual([true, true]);
  expect(answer.headers.getSetCookie()[0]).toMatch(/Max-Age=86400\b/);

  const statuses: number[] = [];
  for (let guess = 0; guess < 4; guess += 1) statuses.push((await logIn('203.0.113.2', 'a wrong one')).status);
  expect(statuses).toEqual([401, 401, 401, 429]);
  expect((await logIn('203.0.113.2')).status).toBe(429);
  expect((await logIn('203.0.113.3')).status).toBe(201);

  const ask = async () => (await fetch(`${house.origin}/api/health`, { headers: { 'x-forwarded-for': '203.0.113.4' } })).status;
  const asked = await Promise.all(Array.from({ length: 310 }, ask));
  expect(asked.filter((status) => status === 200)).toHaveLength(300);
  expect(asked.filter((status) => status === 429)).toHaveLength(10);
  await ada.ask(200, 'GET', '/api/admin/overview');
  await settings({ sessionDays: 30, limits: { requestsPerMinute: 3_000, loginFailures: 10 } });
});

test('the stream of events is resumed without a gap, says when it cannot, and is open eight times at most', async () => {
  const token = ada.token ?? '';
  const open = (url = '/api/events', headers = {}) => EventReader.open(house.origin, url, token, headers);
  const first = await open();
  const rename = (name: string) => ada.ask(200, 'PATCH', '/api/teams/orbit', { name });
  await rename('Orbit one');
  const { eventId = '' } = await first.receives('change', ({ type }) => type === 'team-changed');
  first.close();
  await rename('Orbit two');
  await ada.ask(201, 'POST', '/api/teams/orbit/channels', { name: 'meanwhile' });
  for (const again of [await open('/api/events', { 'last-event-id': eventId }), await open(`/api/events?after=${eventId}`)]) {
    const missed = await again.receives('change', ({ type }) => type === 'team-changed');
    const next = await again.receives('change', ({ type }) => type === 'channel-created');
    expect(Number(missed.eventId)).toBeGreaterThan(Number(eventId));
    expect(Number(next.eventId)).toBeGreaterThan(Number(missed.eventId));
    again.close();
  }
  const lost = await open('/api/events?after=99999999');
  await lost.receives('reset', () => true);
  const many = [lost];
  await eventually('those that were closed are counted no more', async () => {
    const another = await open().catch((error: Error) => error);
    if (another instanceof Error) expect(another.message).toContain('KOSMOS_ERR_STREAM_LIMIT');
    else many.push(another);
    return many.length === 8;
  });
  await expect(open()).rejects.toThrow(/429.*KOSMOS_ERR_STREAM_LIMIT/);
  for (const each of many) each.close();
});

test('scripts/kosmos works from elsewhere, by address and a file with a token', async () => {
  const file = path.join(folder, 'token');
  writeFileSync(file, `${ada.token}\n`, { mode: 0o600 });
  const kosmos = (...args: string[]) =>
    new Promise<{ code: number; out: string; err: string }>((resolve) => {
      const env = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', KOSMOS_DATA: path.join(folder, 'nothing-here') };
      execFile(path.join(root, 'scripts/kosmos'), args, { env }, (error, out, err) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
      );
    });
  const there = ['--url', house.origin, '--token-file', file];
  expect(await kosmos('team', 'list', ...there)).toMatchObject({ code: 0, out: expect.stringContaining('orbit') });
  expect(await kosmos('channel', 'create', 'orbit', 'from-afar', ...there)).toMatchObject({ code: 0 });
  const audit = await ada.ask<{ acts: object[] }>(200, 'GET', '/api/admin/audit?action=channel.create&limit=1');
  expect(audit.acts).toMatchObject([{ actor: 'ada', via: 'program', target: 'from-afar' }]);
  writeFileSync(file, 'not a token of anybody here at all');
  expect(await kosmos('team', 'list', ...there)).toMatchObject({ code: 1, err: expect.stringContaining('KOSMOS_ERR_UNAUTHENTICATED') });
  expect(await kosmos('team', 'list', '--url', house.origin)).toMatchObject({ code: 1 });
  expect(await kosmos('team', 'list', '--url', 'http://localhost:1', '--token-file', file)).toMatchObject({ code: 3 });
});

describe('programs', () => {
  test('a bot logs in to IRC, XMPP and the gateway, in no browser; another password and its end cut it off', async () => {
    const bots = '/api/teams/orbit/bots';
    const made = await ada.ask<{ bot: object; password: string }>(201, 'POST', bots, { name: 'deploy-bot', displayName: 'Deploys' });
    expect(made.bot).toMatchObject({ name: 'deploy-bot', role: 'member', disabled: false });
    const onIrc = await irc('deploy-bot', made.password);
    onIrc.send('JOIN #general');
    await onIrc.receives(/JOIN .*#general/);
    const service = `xmpp://127.0.0.1:${house.xmppPort}`;
    const onXmpp = await XmppClient.logIn({ service, certificate: house.certificate, name: 'deploy-bot', password: made.password });
    expect(await house.anybody.ask(403, 'POST', '/api/session', { name: 'deploy-bot', password: made.password })).toMatchObject({
      code: 'KOSMOS_ERR_BOT_BROWSER',
    });
    const api = await house.logIn('deploy-bot', made.password);
    const gateway = await new Browser(house.origin, { token: api.token ?? '' }).connected();
    const as = { type: 'person', id: 'deploy-bot@localhost', name: 'deploy-bot' };
    const room = { type: 'room', id: '#general@localhost', name: '#general' };
    const object = { type: 'credentials', nick: 'deploy-bot', server: 'localhost' };
    await gateway.says('credentials', { type: 'credentials', context: 'irc', actor: as, object });
    await gateway.says('message', { type: 'connect', context: 'irc', actor: as });
    await gateway.says('message', { type: 'join', context: 'irc', actor: as, target: room });
    const message = { type: 'message', content: 'deployed by a bot' };
    await gateway.says('message', { type: 'send', context: 'irc', actor: as, target: room, object: message });
    await onIrc.receives('deployed by a bot');
    gateway.leaves();
    expect(await ada.ask(200, 'GET', bots)).toMatchObject({ bots: [{ name: 'deploy-bot', displayName: 'Deploys' }] });

    for (const [method, url, body] of [
      ['PATCH', '/api/teams/orbit/members/deploy-bot', { role: 'admin' }],
      ['PATCH', '/api/admin/accounts/deploy-bot', { isAdmin: true }],
      ['POST', '/api/admin/accounts/deploy-bot/reset-link', {}],
      ['POST', '/api/admin/teams/orbit/members/deploy-bot/reset-link', {}],
    ] as const)
      expect(await ada.ask(409, method, url, body)).toMatchObject({ code: 'KOSMOS_ERR_BOT_ACCOUNT' });

    const { password } = await ada.ask<{ password: string }>(201, 'POST', `${bots}/deploy-bot/password`);
    await Promise.all([onIrc.isCutOff(), onXmpp.isCutOff()]);
    await api.ask(401, 'GET', '/api/session');
    await expect(irc('deploy-bot', made.password)).rejects.toThrow();
    const again = await irc('deploy-bot', password);
    await ada.ask(204, 'DELETE', `${bots}/deploy-bot`);
    await again.isCutOff();
    await expect(irc('deploy-bot', password)).rejects.toThrow();
    expect(await ada.ask(200, 'GET', bots)).toEqual({ bots: [] });
    expect(await ada.ask(409, 'POST', bots, { name: 'deploy-bot' })).toMatchObject({ code: 'KOSMOS_ERR_NAME_TAKEN' });
  });

  test('what came by a webhook, and what calls came to, is looked up; a call is made once more', async () => {
    const channel = '/api/teams/orbit/channels/general';
    const hook = await ada.ask<{ id: string; address: string }>(201, 'POST', `${channel}/webhooks`, { name: 'Monitor' });
    const post = async (body: string) =>
      (await fetch(hook.address, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).status;
    await eventually('the bot is in the channel', async () => (await post('{"text": "all is well"}')) === 200);
    expect(await post('{"wrong": true}')).toBe(400);
    const { calls } = await ada.ask<{ calls: object[] }>(200, 'GET', `${channel}/webhooks/${hook.id}/calls`);
    expect(calls.slice(0, 2)).toMatchObject([
      { status: 400, format: null, outcome: expect.stringContaining('has none of the fields') },
      { status: 200, format: 'slack', outcome: 'posted' },
    ]);
    const out = { name: 'Inside', url: 'http://127.0.0.1:1/hook', trigger: 'message' };
    const { id } = await ada.ask<{ id: string }>(201, 'POST', `${channel}/outgoing-webhooks`, out);
    await ada.ask(200, 'POST', `${channel}/outgoing-webhooks/${id}/test`);
    const list = async () =>
      (await ada.ask<{ calls: { id: string; attempts: number }[] }>(200, 'GET', `${channel}/outgoing-webhooks/${id}/calls`)).calls;
    const [call] = await list();
    expect(call).toMatchObject({ attempts: 1, status: null, outcome: '127.0.0.1 has no public address' });
    const repeat = `${channel}/outgoing-webhooks/${id}/calls/${call?.id}/repeat`;
    expect(await ada.ask(200, 'POST', repeat)).toEqual({ status: null, outcome: '127.0.0.1 has no public address' });
    expect((await list())[0]).toMatchObject({ id: call?.id, attempts: 2 });
    await ada.ask(404, 'POST', `${channel}/outgoing-webhooks/${id}/calls/none/repeat`);
  });
});
