import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PASSWORD, TestAppliance, type Api } from '../support/appliance.ts';
import { eventually } from '../support/eventually.ts';
import { IrcClient } from '../support/irc.ts';

let house: TestAppliance;
let ada: Api;
let bob: Api;

beforeAll(async () => {
  ({ appliance: house, ada } = await TestAppliance.startSetUp('irc'));
  bob = await house.join(ada, 'orbit', 'bob');
  await house.join(ada, 'orbit', 'carol');
});
afterAll(() => house.dispose());

const open = (name: string, password = PASSWORD): Promise<IrcClient> =>
  IrcClient.logIn({ port: house.ircsPort, certificate: house.certificate, name, password });

describe('a team at home on IRC', () => {
  test('two members talk, one over TLS, one on the plain port of this machine', async () => {
    const a = await open('ada');
    const b = await IrcClient.logIn({ port: house.ircPort, name: 'bob', password: PASSWORD });
    a.send('JOIN #general');
    await a.receives(' 366 ');
    b.send('JOIN #general');
    await a.receives(/:bob!.* JOIN/);
    await b.receives(' 366 ');
    b.send('PRIVMSG #general :hello : world, grüß dich');
    expect(await a.receives('PRIVMSG')).toMatch(/:bob!\S+ PRIVMSG #general :hello : world, grüß dich$/);
    a.send('PRIVMSG bob :just to you');
    expect(await b.receives('PRIVMSG bob')).toContain(':ada!');
    a.close();
    b.close();
  });

  test('a wrong password and an unknown name are refused', async () => {
    await expect(open('bob', 'not the password')).rejects.toThrow(/ 904 /);
    await expect(open('mallory')).rejects.toThrow(/ 904 /);
  });

  test('nobody gets in without an account, or makes an account or a channel', async () => {
    const stranger = await IrcClient.connect(house.ircsPort, house.certificate);
    stranger.send('NICK mallory', 'USER mallory 0 * :m');
    await stranger.isCutOff();
    const b = await open('bob');
    b.send('JOIN #bobs-own');
    await b.receives(/ 403 .*#bobs-own/);
    b.send('NS REGISTER some-password mail@example.org');
    await b.receives(/NOTICE.*(disabled|not allowed|can't|already|unable)/i);
    b.close();
  });

  test('a private channel is for those it was opened to, from the moment on that the API says so', async () => {
    await ada.ask(201, 'POST', '/api/teams/orbit/channels', { name: 'Plans', private: true, topic: 'sh!' });
    const b = await open('bob');
    b.send('JOIN #plans');
    await b.receives(/ 473 .*#plans/);
    b.send('LIST');
    await b.receives(' 323 ');
    expect(b.lines.filter((line) => / 322 .*#plans/.test(line))).toEqual([]);

    await ada.ask(204, 'PUT', '/api/teams/orbit/channels/plans/members/bob');
    b.send('JOIN #plans');
    await b.receives(/ 332 .*sh!/);
    await ada.ask(204, 'DELETE', '/api/teams/orbit/channels/plans/members/bob');
    await b.receives(/KICK #plans bob/);
    b.send('JOIN #plans');
    await b.receives(/ 473 .*#plans/);
    b.close();
  });

  test('another team’s channels are closed', async () => {
    await ada.ask(201, 'POST', '/api/teams', { name: 'Comet', home: 'irc' });
    await ada.ask(201, 'POST', '/api/teams/comet/channels', { name: 'general' });
    const b = await open('bob');
    b.send('JOIN #comet.general');
    await b.receives(/ 473 .*#comet\.general/);
    b.close();
  });

  test('the old password is refused at once everywhere, and live sessions of it end', async () => {
    const c = await open('carol');
    const api = await house.logIn('carol');
    await api.ask(204, 'POST', '/api/account/password', { password: PASSWORD, newPassword: 'a brand new horse' });
    await c.isCutOff(5_000);
    await expect(open('carol')).rejects.toThrow(/ 904 /);
    await house.anybody.ask(401, 'POST', '/api/session', { name: 'carol', password: PASSWORD });
    const again = await open('carol', 'a brand new horse');
    again.close();
  });

  test('a disabled account is thrown out within 5 s and stays out until it is enabled', async () => {
    await house.join(ada, 'orbit', 'dave');
    const d = await open('dave');
    d.send('JOIN #general');
    await d.receives(' 366 ');
    await ada.ask(200, 'PATCH', '/api/teams/orbit/members/dave', { disabled: true });
    await d.isCutOff(5_000);
    await expect(open('dave')).rejects.toThrow(/ 904 /);
    await ada.ask(200, 'PATCH', '/api/teams/orbit/members/dave', { disabled: false });
    const again = await open('dave');
    again.send('JOIN #general');
    await again.receives(' 366 ');
    again.close();
  });

  test('Ergo killed, and Ergo’s data deleted: everything that was provisioned is there again', async () => {
    await bob.ask(201, 'POST', '/api/teams/orbit/channels', { name: 'lasting', topic: 'still here' });
    const pid = await house.componentPid('ergo');
    process.kill(pid, 'SIGKILL');
    await eventually('Ergo is another process', async () => ![0, pid].includes(await house.componentPid('ergo')));
    await house.untilHealthy();

    await ada.ask(200, 'POST', '/api/admin/components/ergo/stop');
    const { rm } = await import('node:fs/promises');
    await rm(`${house.dataFolder}/ergo`, { recursive: true });
    await ada.ask(200, 'POST', '/api/admin/components/ergo/start');
    const b = await eventually('bob can log in and join', async () => {
      const client = await open('bob').catch(() => undefined);
      client?.send('JOIN #lasting');
      return (await client?.receives(/ 332 .*:still here/, 1_000).catch(() => client.close())) === undefined ? undefined : client;
    });
    b.send('JOIN #plans');
    await b.receives(/ 473 .*#plans/);
    b.close();
  });
});
