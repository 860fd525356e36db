import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import tls from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ergo } from '../../server/components/ergo/component.ts';
import { BOT, operatorPassword } from '../../server/components/ergo/config.ts';
import { createAccount, createKeys } from '../../server/identity/accounts.ts';
import { createChannel } from '../../server/teams/channels.ts';
import { addMember } from '../../server/teams/members.ts';
import { createTeam } from '../../server/teams/teams.ts';
import { createCertificate, freePort, TestAppliance } from './appliance.ts';
import { IrcClient } from './irc-client.ts';

const PATIENCE = 5_000;
let test: TestAppliance;

beforeAll(async () => {
  test = await TestAppliance.start();
});

afterAll(async () => {
  await test?.stop();
});

it('takes a renewed certificate and another port by a reload, and nobody is disconnected', async () => {
  await test.addPerson('anna');
  const anna = await test.login('anna');
  const { certificateFile } = createCertificate(test.settings.dataFolder);
  const settings = { ...test.settings, ircsPort: await freePort() };
  expect(ergo.configure({ ...test.appliance, settings })).toBe('reload');
  test.reload();
  const expected = new X509Certificate(readFileSync(certificateFile)).fingerprint256;
  await expect.poll(() => fingerprintAt(settings.ircsPort), { timeout: PATIENCE }).toBe(expected);
  expect((await anna.ask('PRIVMSG anna :still here')).join()).toContain('still here');
  await anna.quit();
});

it('ends when it is told to, and starts again after it was killed', async () => {
  await test.stopErgo();
  await test.startErgo();
  await test.stopErgo('SIGKILL');
  await test.startErgo();
  const client = await IrcClient.connect(test.appliance.topology.ergo);
  await client.quit();
});

it('is provisioned with 200 people in 30 channels, and a second look changes nothing', async () => {
  const keys = await createKeys('someone', 'a password of some');
  await test.outbox.change(async (change) => {
    const team = await createTeam(change, { name: 'Large', home: 'irc' });
    for (let index = 0; index < 200; index += 1) {
      const account = await createAccount(change, { name: `person-${index}-${index % 2 ? 'a' : 'b'}` }, keys);
      await addMember(change, team, account, index === 0 ? 'owner' : 'member');
    }
    for (let index = 0; index < 30; index += 1) await createChannel(change, team, { name: `channel-${index}`, topic: `Topic ${index}` });
  });
  await test.reconcile();
  await test.reconcile();
  const person = await test.login('person-199-a');
  const channels = Array.from({ length: 30 }, (_, index) => `#channel-${index}`);
  const answer = await person.ask(`JOIN ${channels.join(',')}`);
  expect(answer.filter((line) => / JOIN #channel-/.test(line))).toHaveLength(30);
  await person.quit();
});

it('lists the channels of an only team to its members, until there is a second team', async () => {
  const person = await test.login('person-7-a');
  expect((await person.ask('LIST')).join('\n')).toContain('#channel-29 ');
  await test.change((change) => createTeam(change, { name: 'Second', home: 'xmpp' }));
  expect((await person.ask('LIST')).join('\n')).not.toContain('#channel');
  await person.quit();
});

it('registers a channel even if the bot, which follows the same events, made it a moment earlier', async () => {
  const bot = await test.login(BOT);
  await bot.ask(`OPER ${BOT} ${operatorPassword(test.settings)}`);
  await bot.ask(`SAJOIN ${BOT} #early`);
  const team = await test.change((change) => createTeam(change, { name: 'Early', home: 'irc' }));
  await test.addPerson('erna', team);
  await test.addPerson('nora');
  await test.change((change) => createChannel(change, team, { name: 'early', topic: 'First come' }));
  const erna = await test.login('erna');
  expect((await erna.ask('JOIN #early')).join('\n')).toContain(' 332 erna #early :First come');
  await Promise.all([erna.quit(), bot.quit()]);
  const nora = await test.login('nora');
  expect((await nora.ask('JOIN #early')).join('\n')).toContain(' 473 nora #early ');
  await nora.quit();
});

it('gives up when it is told that time is over', async () => {
  await expect(test.provisioner.reconcile(AbortSignal.abort(new Error('over')))).rejects.toThrow('over');
  await test.reconcile();
});

async function fingerprintAt(port: number): Promise<string> {
  const socket = tls.connect({ host: test.settings.host, port, rejectUnauthorized: false });
  const outcome = await Promise.race([once(socket, 'secureConnect').then(() => 'open'), once(socket, 'error').then(() => 'closed')]);
  const fingerprint = outcome === 'open' ? socket.getPeerCertificate().fingerprint256 : outcome;
  socket.destroy();
  return fingerprint;
}
