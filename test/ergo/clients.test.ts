import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authScriptLaunch } from '../../server/components/ergo/auth-script.ts';
import { createChannel } from '../../server/teams/channels.ts';
import { createTeam } from '../../server/teams/teams.ts';
import { passwordOf, TestAppliance } from './appliance.ts';
import { IrcClient } from './irc-client.ts';

let test: TestAppliance;

beforeAll(async () => {
  test = await TestAppliance.start();
  const team = await test.change((change) => createTeam(change, { name: 'Kosmos', home: 'irc' }));
  for (const name of ['anna', 'ben']) await test.addPerson(name, team);
  await test.change((change) => createChannel(change, team, { name: 'general' }));
});

afterAll(async () => {
  await test?.stop();
});

/** Says something, and returns the id that Ergo gave it. */
async function say(client: IrcClient, text: string): Promise<string> {
  const answer = await client.ask(`PRIVMSG #general :${text}`);
  const echo = answer.find((line) => line.includes(' PRIVMSG #general ')) ?? '';
  return /[@;]msgid=([^; ]+)/.exec(echo)?.[1] ?? '';
}

describe('logging in', () => {
  it('takes the password of the appliance, on the TLS port too, and no other', async () => {
    const client = await IrcClient.connect({ host: test.settings.host, port: test.settings.ircsPort }, true);
    await client.login('anna', 'PLAIN', `\0anna\0${passwordOf('anna')}`);
    expect((await client.ask('NICK other')).join()).toContain('You must use your account name');
    await client.quit();
    await expect(test.loginWithPassword('anna', passwordOf('ben'))).rejects.toThrow(' 904 ');
    await expect(test.loginWithPassword('nobody', passwordOf('nobody'))).rejects.toThrow(' 904 ');
    await expect(test.loginWithPassword('kosmos', '')).rejects.toThrow(' 904 ');
  });

  it('is needed, from the same machine too', async () => {
    const client = await IrcClient.connect(test.appliance.topology.ergo);
    client.send('NICK anna', 'USER anna 0 * :anna');
    await client.closed;
    expect(client.lines.join('\n')).toMatch(/SASL|account/i);
  });

  it('is not opened by SCRAM or by a password that Ergo would keep itself', async () => {
    const client = await IrcClient.connect(test.appliance.topology.ergo);
    await expect(client.login('anna', 'SCRAM-SHA-256', 'n,,n=anna,r=fyko+d2lbbFgONRv9qkxdawL')).rejects.toThrow(/904|908/);
    await client.quit();
    const anna = await test.login('anna');
    expect((await anna.ask('NS REGISTER secret-of-mine')).join()).toContain('disabled');
    expect((await anna.ask('REGISTER * * secret-of-mine')).join()).toContain('FAIL REGISTER');
    expect((await anna.ask('NS PASSWD * secret-of-mine secret-of-mine')).join()).toContain('managed externally');
    expect((await anna.ask(`NS CERT ADD ${'0123456789abcdef'.repeat(4)}`)).join()).toContain('managed externally');
    await anna.quit();
    await expect(test.loginWithPassword('anna', 'secret-of-mine')).rejects.toThrow(' 904 ');
  });

  it('is refused while control cannot be asked, and by a token of another key', async () => {
    const { command, args } = authScriptLaunch(test.appliance);
    const [script = '', , secret = ''] = args;
    const answer = await runScript(
      command,
      [script, path.join(test.settings.dataFolder, 'no.sock'), secret],
      '{"accountName":"anna","passphrase":"x"}',
    );
    expect(JSON.parse(answer)).toMatchObject({ success: false, error: expect.stringContaining('control cannot be reached') as string });
    const forged = 'eyJhbGciOiJub25lIn0.eyJhY2NvdW50IjoiYW5uYSJ9.';
    const client = await IrcClient.connect(test.appliance.topology.ergo);
    await expect(client.login('anna', 'IRCV3BEARER', `\0jwt\0${forged}`)).rejects.toThrow(' 904 ');
    await client.quit();
  });

  it('is refused by the auth-script for everything that is no name and password', async () => {
    const { command, args } = authScriptLaunch(test.appliance);
    for (const line of [
      '',
      'nonsense',
      '{}',
      'null',
      '{"certfp":"00ff","ip":"127.0.0.1"}',
      '{"accountName":"anna","passphrase":"wrong"}',
    ]) {
      expect(JSON.parse(await runScript(command, args, line))).toMatchObject({ success: false });
    }
    const good = JSON.stringify({ accountName: 'ANNA', passphrase: passwordOf('anna'), ip: '127.0.0.1' });
    expect(JSON.parse(await runScript(command, args, good))).toEqual({ success: true, accountName: 'anna' });
  });

  it('works for forty sessions at once from this machine, and for two of one account', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `member${String.fromCharCode(97 + index)}`);
    for (const name of names) await test.addPerson(name);
    const clients = await Promise.all([...names, ...names].map((name) => test.login(name)));
    const [first, second] = [clients[0]!, clients[20]!];
    const sender = clients[1]!;
    sender.send('PRIVMSG membera :to both');
    await Promise.all([first.expect(/PRIVMSG membera :to both$/), second.expect(/PRIVMSG membera :to both$/)]);
    await Promise.all(clients.map((client) => client.quit()));
  });
});

describe('messages', () => {
  it('are there for who comes later, with reactions and without typing', async () => {
    const anna = await test.login('anna');
    await anna.ask('JOIN #general');
    const id = await say(anna, 'Hello, 世界');
    await anna.ask(`@+draft/reply=${id};+draft/react=👍 TAGMSG #general`);
    await anna.ask('@+typing=active TAGMSG #general');
    await anna.ask(`@+draft/reply=${id} PRIVMSG #general :An answer`);
    await anna.quit();
    const ben = await test.login('ben');
    await ben.ask('JOIN #general');
    const history = (await ben.ask('CHATHISTORY LATEST #general * 50')).join('\n');
    expect(history).toMatch(/PRIVMSG #general :Hello, 世界/);
    expect(history).toMatch(new RegExp(`[@;]\\+draft/react=👍[; ].* TAGMSG #general`));
    expect(history).toMatch(new RegExp(`[@;]\\+draft/reply=${id}[; ].*:An answer`));
    expect(history).not.toContain('+typing');
    await ben.quit();
  });

  it('can be taken back by who wrote them, and by nobody else below an operator', async () => {
    const [anna, ben] = [await test.login('anna'), await test.login('ben')];
    await anna.ask('JOIN #general');
    await ben.ask('JOIN #general');
    const id = await say(anna, 'Not meant for here');
    expect((await ben.ask(`REDACT #general ${id}`)).join()).toContain('FAIL REDACT');
    const mark = ben.mark();
    await anna.ask(`REDACT #general ${id} :oops`);
    await ben.expect(new RegExp(`REDACT #general ${id}`), mark);
    expect((await ben.ask('CHATHISTORY LATEST #general * 50')).join('\n')).not.toContain('Not meant for here');
    await Promise.all([anna.quit(), ben.quit()]);
  });

  it('of a channel are kept from who is not in it', async () => {
    const outsider = await test.addPerson('oscar').then(({ name }) => test.login(name));
    expect((await outsider.ask('CHATHISTORY LATEST #general * 50')).join()).toContain('FAIL CHATHISTORY');
    expect((await outsider.ask('PRIVMSG #general :hello')).join()).toMatch(/ 40[134] /);
    await outsider.quit();
  });
});

it('keeps its data in the data folder and runs without secrets in its arguments', () => {
  const folder = path.join(test.settings.dataFolder, 'ergo');
  for (const file of ['ircd.yaml', 'ircd.db', 'ircd.lock']) expect(existsSync(path.join(folder, file))).toBe(true);
});

async function runScript(command: string, args: readonly string[], line: string): Promise<string> {
  const child = spawn(command, [...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stdin.end(`${line}\n`);
  await once(child, 'exit');
  return output;
}
