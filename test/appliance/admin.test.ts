import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { totpCode } from '../../server/identity/totp.ts';
import { PASSWORD, root, TestAppliance, type Api } from '../support/appliance.ts';
import { EventReader } from '../support/event-reader.ts';
import { eventually } from '../support/eventually.ts';
import { IrcClient } from '../support/irc.ts';
import { XmppClient } from '../support/xmpp.ts';

let house: TestAppliance;
let ada: Api;

beforeAll(async () => {
  house = await TestAppliance.create();
  await house.start();
});
afterAll(() => house.dispose());

const irc = (name: string, password = PASSWORD): Promise<IrcClient> =>
  IrcClient.logIn({ port: house.ircsPort, certificate: house.certificate, name, password });
const xmpp = (name: string, password = PASSWORD): Promise<XmppClient> =>
  XmppClient.logIn({ service: `xmpp://127.0.0.1:${house.xmppPort}`, certificate: house.certificate, name, password });

interface Outcome {
  code: number;
  out: string;
  err: string;
}
/** `scripts/kosmos` on the appliance's machine. */
function kosmos(...args: string[]): Promise<Outcome> {
  const env = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...house.environment };
  return new Promise((resolve) => {
    execFile(path.join(root, 'scripts/kosmos'), args, { env, timeout: 60_000 }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    );
  });
}

describe('set-up', () => {
  const body = () => ({
    token: readFileSync(path.join(house.dataFolder, 'secrets/setup'), 'utf8'),
    team: { name: 'Orbit', home: 'irc', channels: ['general', 'random'] },
    owner: { name: 'ada', password: PASSWORD },
  });

  test('a server that cannot take it up undoes all of it, and is named', async () => {
    const pid = await house.componentPid('ergo');
    process.kill(pid, 'SIGSTOP');
    const refused = await house.anybody.ask<{ message: string }>(502, 'POST', '/api/setup', body());
    process.kill(pid, 'SIGCONT');
    expect(refused).toMatchObject({ code: 'KOSMOS_ERR_SETUP_HOP', details: { component: 'ergo' } });
    expect(refused.message).toMatch(/^Nothing was set up: the IRC server .+\.$/);
    expect(await house.anybody.ask(200, 'GET', `/api/setup?token=${body().token}`)).toEqual({ valid: true, done: false });
    await house.untilHealthy();
  });

  test('each step is checked, and then all of it works', async () => {
    const { token } = body();
    await house.anybody.ask(403, 'POST', '/api/setup/check', { token: 'x', owner: body().owner });
    expect(await house.anybody.ask(400, 'POST', '/api/setup/check', { token, team: { name: 'Orbit', channels: ['a b'] } })).toMatchObject({
      code: 'KOSMOS_ERR_CHANNEL_NAME_INVALID',
    });
    const step = { token, team: { name: 'Café', channels: ['#General'] } };
    expect(await house.anybody.ask(200, 'POST', '/api/setup/check', step)).toEqual({ ok: true, slug: 'cafe', channels: ['general'] });
    const made = await house.anybody.ask<{ invite: { url: string } }>(201, 'POST', '/api/setup', body());
    expect(made).toMatchObject({
      account: { name: 'ada', isAdmin: true },
      addresses: { irc: { port: house.ircsPort }, xmpp: { jid: 'ada@localhost' }, storage: 'ada@localhost' },
    });
    expect(made.invite.url).toContain('/invite/');
    ada = await house.logIn('ada');
    const client = await irc('ada');
    client.send('JOIN #general');
    await client.receives(/JOIN .*#general/);
    client.close();
  });
});

describe('channels', () => {
  test('one made in the panel can be joined; archived, nobody is in it and all stays readable; and back', async () => {
    await ada.ask(201, 'POST', '/api/teams/orbit/channels', { name: 'plans', topic: 'What next' });
    const client = await irc('ada');
    client.send('JOIN #plans');
    await client.receives('What next');
    client.send('PRIVMSG #plans :to be kept');
    const kept = async () =>
      (await ada.ask<{ messages: { text: string }[] }>(200, 'GET', '/api/teams/orbit/channels/plans/messages')).messages;
    await eventually('the archive has it', async () => (await kept()).some(({ text }) => text === 'to be kept'));

    expect(await ada.ask(200, 'PATCH', '/api/teams/orbit/channels/plans', { archived: true })).toMatchObject({ archived: true });
    await client.receives(/KICK #plans ada|PART #plans/);
    client.send('JOIN #plans');
    await client.receives(/ (403|473|477) .*#plans/);
    expect((await kept()).map(({ text }) => text)).toContain('to be kept');
    expect(await ada.ask(409, 'PATCH', '/api/teams/orbit/channels/plans', { topic: 'x' })).toMatchObject({
      code: 'KOSMOS_ERR_CHANNEL_ARCHIVED',
    });
    const { channels } = await ada.ask<{ channels: { name: string }[] }>(200, 'GET', '/api/teams/orbit/channels');
    expect(channels.map(({ name }) => name)).toEqual(['general', 'random']);

    await ada.ask(200, 'PATCH', '/api/teams/orbit/channels/plans', { archived: false });
    client.send('JOIN #plans');
    await client.receives(/JOIN .*#plans/);
    client.close();
    const table = await ada.ask<{ channels: object[]; total: number }>(
      200,
      'GET',
      '/api/admin/teams/orbit/channels?sort=messages&order=desc',
    );
    expect(table).toMatchObject({ total: 3, channels: [{ name: 'plans', messages: 1, members: 1 }, {}, {}] });
  });
});

describe('members', () => {
  test('the table tells who is there by which protocol; disabled, their sessions end on every server', async () => {
    await house.join(ada, 'orbit', 'mia');
    const [onIrc, onXmpp] = await Promise.all([irc('mia'), xmpp('mia')]);
    interface Row {
      name: string;
      online: string[];
      seen: Record<string, string | null>;
    }
    const row = await eventually('she is online', async () => {
      const { members } = await ada.ask<{ members: Row[] }>(200, 'GET', '/api/admin/teams/orbit/members?search=MI&status=online');
      return members.length === 1 && members[0]?.online.length === 2 && members[0];
    });
    expect([...row.online].sort()).toEqual(['irc', 'xmpp']);
    expect(row.seen).toMatchObject({ irc: expect.any(String), xmpp: expect.any(String), storage: null });
    const all = await ada.ask<{ live: { protocol: string; viaGateway: boolean }[] }>(200, 'GET', '/api/admin/teams/orbit/members/mia');
    expect(all.live.map(({ protocol, viaGateway }) => [protocol, viaGateway]).sort()).toEqual([
      ['irc', false],
      ['xmpp', false],
    ]);
    await ada.ask(200, 'PATCH', '/api/teams/orbit/members/mia', { disabled: true });
    await Promise.all([onIrc.isCutOff(), onXmpp.isCutOff()]);
    await expect(irc('mia')).rejects.toThrow();
    await ada.ask(200, 'PATCH', '/api/teams/orbit/members/mia', { disabled: false });
    (await irc('mia')).close();
  });

  test('an admin ends all sessions of somebody, who may come back', async () => {
    const [onIrc, onXmpp] = await Promise.all([irc('mia'), xmpp('mia')]);
    const mia = await house.logIn('mia');
    await ada.ask(204, 'DELETE', '/api/admin/teams/orbit/members/mia/sessions');
    await Promise.all([onIrc.isCutOff(), onXmpp.isCutOff()]);
    await mia.ask(401, 'GET', '/api/session');
    (await irc('mia')).close();
  });
});

describe('components', () => {
  test('a restart is told as it happens, comes back, and is in the log and the audit log', async () => {
    const events = await EventReader.open(house.origin, '/api/events?topics=components,changes&log=ergo', ada.token ?? '');
    const pid = await house.componentPid('ergo');
    await ada.ask(200, 'POST', '/api/admin/components/ergo/restart');
    await events.receives('component', (data) => data.name === 'ergo' && data.state === 'stopped');
    await events.receives('component', (data) => data.name === 'ergo' && data.state === 'ready');
    const line = await events.receives('log', (data) => String(data.text).length > 0);
    expect(await house.componentPid('ergo')).not.toBe(pid);
    const act = await events.receives('change', (data) => data.type === 'act-recorded');
    events.close();
    const { acts } = await ada.ask<{ acts: { id: number }[] }>(200, 'GET', '/api/admin/audit?action=component.restart&target=ergo');
    expect(acts.map(({ id }) => id)).toContain(act.act);
    const { lines } = await ada.ask<{ lines: { text: string }[] }>(200, 'GET', '/api/admin/components/ergo/logs?lines=500');
    expect(lines.map(({ text }) => text)).toContain(line.text);
    await house.untilHealthy();
  });

  test('the overview has what the panel shows', async () => {
    const overview = await ada.ask<{ components: { name: string }[]; samples: { points: object[] }; attention: { code: string }[] }>(
      200,
      'GET',
      '/api/admin/overview',
    );
    expect(overview.components.map(({ name }) => name)).toEqual(['control', 'gateway', 'daemon', 'storage', 'prosody', 'ergo']);
    expect(overview).toMatchObject({ status: 'ok', members: { total: 2, disabled: 0 }, disk: { free: expect.any(Number) } });
    expect(overview.samples.points.length).toBeGreaterThan(0);
    expect(overview.attention.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['owner-without-second-factor', 'single-admin', 'no-domain']),
    );
  });
});

describe('the second factor', () => {
  test('is asked for on the web, and IRC and XMPP take the client password alone', async () => {
    const mia = await house.logIn('mia');
    const { id, secret } = await mia.ask<{ id: string; secret: string }>(201, 'POST', '/api/account/second-factors/totp', {
      password: PASSWORD,
    });
    const code = (): string => totpCode(secret, Math.floor(Date.now() / 30_000));
    const first = code();
    const { recoveryCodes } = await mia.ask<{ recoveryCodes: string[] }>(200, 'POST', `/api/account/second-factors/totp/${id}/confirm`, {
      code: first,
    });
    const begin = async (): Promise<string> => {
      const answer = await house.anybody.ask<{ secondFactor: { ticket: string } }>(202, 'POST', '/api/session', {
        name: 'mia',
        password: PASSWORD,
      });
      return answer.secondFactor.ticket;
    };
    const complete = (status: number, given: object) => house.anybody.ask(status, 'POST', '/api/session/second-factor', given);
    expect(await complete(401, { ticket: await begin(), code: first })).toMatchObject({ code: 'KOSMOS_ERR_SECOND_FACTOR_WRONG' });
    const ticket = await begin();
    expect(await complete(201, { ticket, code: recoveryCodes[0] })).toMatchObject({ account: { name: 'mia' } });
    await complete(401, { ticket, code: recoveryCodes[1] });
    await complete(401, { ticket: await begin(), code: recoveryCodes[0] });

    await expect(irc('mia')).rejects.toThrow();
    await expect(xmpp('mia')).rejects.toThrow();
    const { password } = await mia.ask<{ password: string }>(201, 'POST', '/api/account/client-password', { password: PASSWORD });
    (await irc('mia', password)).close();
    await (await xmpp('mia', password)).close();
    expect(await house.anybody.ask(401, 'POST', '/api/session', { name: 'mia', password })).toMatchObject({
      code: 'KOSMOS_ERR_CREDENTIALS',
    });
    await ada.ask(204, 'DELETE', '/api/admin/accounts/mia/second-factors');
    (await irc('mia')).close();
  });
});

describe('scripts/kosmos', () => {
  test('does on this machine what the panel does, without a password, and says so in the audit log', async () => {
    expect(await kosmos('health', '--json')).toMatchObject({ code: 0, out: expect.stringContaining('"status":"ok"') });
    expect((await kosmos('team', 'list')).out).toMatch(/slug +name +home[\s\S]*orbit +Orbit +irc/);
    expect(await kosmos('channel', 'create', 'orbit', 'from-the-shell', '--topic', 'Hello')).toMatchObject({ code: 0 });
    const client = await irc('ada');
    client.send('JOIN #from-the-shell');
    await client.receives('Hello');
    client.close();
    expect((await kosmos('audit', '--action', 'channel.create', '--limit', '1', '--json')).out).toContain('"via":"shell"');
    expect((await kosmos('member', 'list', 'orbit', '--search', 'mia')).out).toContain('mia');
    expect(await kosmos('channel', 'remove', 'orbit', 'from-the-shell')).toMatchObject({ code: 2 });
    expect(await kosmos('channel', 'remove', 'orbit', 'from-the-shell', '--yes')).toMatchObject({ code: 0, out: 'Removed.\n' });
    expect(await kosmos('team', 'rename', 'comet', 'X')).toMatchObject({
      code: 1,
      err: expect.stringContaining('KOSMOS_ERR_TEAM_NOT_FOUND'),
    });
    expect(await kosmos('nonsense')).toMatchObject({ code: 2 });
  });

  test('lets in a sole admin who forgot the password', async () => {
    const { out } = await kosmos('account', 'reset-link', 'ada');
    const token = /\/reset\/([\w-]+)/.exec(out)?.[1] ?? '';
    expect(await house.anybody.ask(200, 'GET', `/api/reset/${token}`)).toMatchObject({ name: 'ada' });
    await house.anybody.ask(204, 'POST', `/api/reset/${token}`, { password: 'a new password of hers' });
    await house.anybody.ask(404, 'POST', `/api/reset/${token}`, { password: 'once more' });
    await ada.ask(401, 'GET', '/api/session');
    ada = await house.logIn('ada', 'a new password of hers');
  });
});
