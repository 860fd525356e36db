import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { operatorPassword } from '../../server/components/ergo/config.ts';
import { disableAccount, enableAccount, changePassword, createKeys, type Account } from '../../server/identity/accounts.ts';
import { addToChannel, removeFromChannel } from '../../server/teams/access.ts';
import { changeChannel, createChannel, removeChannel, type Channel } from '../../server/teams/channels.ts';
import { addMember, changeRole, getMember, removeMember } from '../../server/teams/members.ts';
import { createTeam, type Team } from '../../server/teams/teams.ts';
import { passwordOf, TestAppliance } from './appliance.ts';
import type { IrcClient } from './irc-client.ts';

let test: TestAppliance;
let team: Team;
let other: Team;
let general: Channel;
let secret: Channel;
let owner: Account;

beforeAll(async () => {
  test = await TestAppliance.start();
  team = await test.change((change) => createTeam(change, { name: 'Kosmos', home: 'irc' }));
  other = await test.change((change) => createTeam(change, { name: 'Neighbours', home: 'irc' }));
  owner = await test.addPerson('olga', team, 'owner');
  await test.addPerson('anna', team);
  await test.addPerson('ben', team);
  await test.addPerson('gast', team, 'guest');
  await test.addPerson('nora', other, 'owner');
  general = await test.change((change) => createChannel(change, team, { name: 'general', topic: 'All of us' }));
  secret = await test.change(async (change) => {
    const channel = await createChannel(change, team, { name: 'secret', topic: 'Few of us', isPrivate: true });
    await addToChannel(change, channel, { accountId: owner.id, name: owner.name });
    return channel;
  });
});

afterAll(async () => {
  await test?.stop();
});

async function join(client: IrcClient, channel: string): Promise<string> {
  const answer = await client.ask(`JOIN ${channel}`);
  return answer.find((line) => / (JOIN|4\d\d) /.test(line)) ?? '';
}

describe('channels', () => {
  it('are open to members of the team, with the topic of the database', async () => {
    const anna = await test.login('anna');
    const answer = await anna.ask('JOIN #general');
    expect(answer.join('\n')).toContain(' 332 anna #general :All of us');
    await anna.quit();
  });

  it('refuse members of other teams, and guests they were not opened to', async () => {
    const [nora, gast] = [await test.login('nora'), await test.login('gast')];
    expect(await join(nora, '#general')).toContain(' 473 nora #general ');
    expect(await join(gast, '#general')).toContain(' 473 gast #general ');
    const member = await getMember(test.outbox.database, team, 'gast');
    await test.change((change) => addToChannel(change, general, member));
    expect(await join(gast, '#general')).toContain('JOIN #general');
    await Promise.all([nora.quit(), gast.quit()]);
  });

  it('are listed to nobody who is not in them if they are private or there are several teams', async () => {
    const [anna, olga, nora] = [await test.login('anna'), await test.login('olga'), await test.login('nora')];
    expect(await join(anna, '#secret')).toContain(' 473 ');
    expect((await anna.ask('LIST')).join('\n')).not.toContain('#secret');
    expect((await anna.ask('NAMES #secret')).join('\n')).not.toContain('olga');
    expect((await nora.ask('LIST')).join('\n')).not.toContain('#general');
    expect(await join(olga, '#secret')).toContain('JOIN #secret');
    expect((await olga.ask('LIST')).join('\n')).toContain('#secret');
    await Promise.all([anna.quit(), olga.quit(), nora.quit()]);
  });

  it('are made by control alone', async () => {
    const olga = await test.login('olga');
    expect(await join(olga, '#mine')).toContain(' 403 olga #mine ');
    await olga.ask('JOIN #general');
    expect((await olga.ask('MODE #general -i')).join()).toContain(' 482 ');
    expect((await olga.ask('INVITE nora #general')).join()).toMatch(/ (401|482) /);
    expect((await olga.ask('RENAME #general #ours')).join()).toContain(' 482 ');
    expect((await olga.ask('CS REGISTER #general')).join()).toMatch(/restricted|already|must be/i);
    await olga.quit();
  });

  it('take names of every script, with dots and hyphens', async () => {
    const names = [
      '日本語',
      'straße-1',
      'हिन्दी',
      'ภาษาไทย',
      'שלום-עולם',
      'א-1',
      'كتاب٣',
      'привет_мир',
      'a-b_c',
      '2026',
      '1א',
      'עברית-abc',
      '١',
    ];
    const channels: Channel[] = [];
    for (const name of names) channels.push(await test.change((change) => createChannel(change, team, { name })));
    expect(channels.slice(0, 10).map(({ address }) => address)).toEqual(names.slice(0, 10));
    const twins = await test.change(async (change) => [
      await createChannel(change, other, { name: 'general' }),
      await createChannel(change, other, { name: 'שלום-עולם' }),
    ]);
    expect(twins[0]!.address).toBe('neighbours.general');
    const [anna, nora] = [await test.login('anna'), await test.login('nora')];
    for (const { address } of channels) expect(await join(anna, `#${address}`)).toContain(`JOIN #${address}`);
    for (const { address } of twins) expect(await join(nora, `#${address}`)).toContain(`JOIN #${address}`);
    expect(await join(anna, '#neighbours.general')).toContain(' 473 ');
    await Promise.all([anna.quit(), nora.quit()]);
  });

  it('take the longest name with the longest topic, and are left alone afterwards', async () => {
    const name = '語'.repeat(40);
    await test.change((change) => createChannel(change, team, { name, topic: '題'.repeat(300) }));
    const anna = await test.login('anna');
    const answer = await anna.ask(`JOIN #${name}`);
    expect(answer.find((line) => line.includes(' 332 '))).toMatch(/ :?題{93}$/);
    const mark = anna.mark();
    await test.reconcile();
    expect((await anna.ask('PRIVMSG anna :still here')).length).toBeGreaterThan(0);
    expect(anna.lines.slice(mark).filter((line) => / (JOIN|PART|MODE|TOPIC) /.test(line))).toEqual([]);
    await anna.quit();
  });

  it('get different addresses where Ergo would take their names for the same', async () => {
    const [first, second] = await test.change(async (change) => [
      await createChannel(change, team, { name: 'v10' }),
      await createChannel(change, team, { name: 'vlo' }),
    ]);
    expect([first!.address, second!.address]).toEqual(['v10', 'kosmos.vlo']);
    const anna = await test.login('anna');
    for (const { address } of [first!, second!]) expect(await join(anna, `#${address}`)).toContain(`JOIN #${address}`);
    await anna.quit();
    await expect(test.addPerson('0lga')).rejects.toMatchObject({ code: 'KOSMOS_ERR_NAME_INVALID' });
    await expect(test.addPerson('o1ga')).rejects.toMatchObject({ code: 'KOSMOS_ERR_NAME_TAKEN' });
  });

  it('are open to the bot, which stays in them whatever control does', async () => {
    const bot = await test.login('kosmos');
    expect((await bot.ask(`OPER kosmos ${operatorPassword(test.settings)}`)).join()).toContain(' 381 ');
    const channel = await test.change((change) => createChannel(change, team, { name: 'logged', isPrivate: true }));
    expect(await join(bot, '#general,#logged')).toContain('JOIN #general');
    const mark = bot.mark();
    await test.change((change) => changeChannel(change, general, { topic: 'All of us, logged' }));
    await test.reconcile();
    expect((await bot.ask('RELAYMSG #logged hook/bot :posted')).join()).toContain(':hook/bot!');
    expect((await bot.ask('NS SAREGISTER mallory')).join()).toMatch(/restricted|privileges/i);
    expect(bot.lines.slice(mark).filter((line) => /:kosmos!.* (PART|KICK|QUIT) |KICK \S+ kosmos/.test(line))).toEqual([]);
    await test.change((change) => removeChannel(change, channel));
    await bot.expect(/KICK #logged kosmos/, mark);
    await bot.quit();
  });

  it('follow a new topic, a new name, and being made private', async () => {
    const channel = await test.change((change) => createChannel(change, team, { name: 'plans', topic: 'Before' }));
    const [anna, ben] = [await test.login('anna'), await test.login('ben')];
    await anna.ask('JOIN #plans');
    const mark = anna.mark();
    const renamed = await test.change((change) => changeChannel(change, channel, { name: 'schemes', topic: 'After\nall' }));
    await anna.expect(/TOPIC #plans :After all$/, mark);
    await test.change((change) => changeChannel(change, renamed, { isPrivate: true }));
    await anna.expect(/KICK #plans anna/, mark);
    expect(await join(ben, '#plans')).toContain(' 473 ');
    await test.change((change) => changeChannel(change, renamed, { isPrivate: false }));
    expect(await join(ben, '#plans')).toContain('JOIN #plans');
    await Promise.all([anna.quit(), ben.quit()]);
  });

  it('are gone with everybody in them when they are removed', async () => {
    const channel = await test.change((change) => createChannel(change, team, { name: 'short-lived' }));
    const anna = await test.login('anna');
    await anna.ask('JOIN #short-lived');
    const mark = anna.mark();
    await test.change((change) => removeChannel(change, channel));
    await anna.expect(/KICK #short-lived anna/, mark);
    expect(await join(anna, '#short-lived')).toContain(' 403 ');
    await test.change((change) => createChannel(change, team, { name: 'short-lived' }));
    expect(await join(anna, '#short-lived')).toContain('JOIN #short-lived');
    await anna.quit();
  });
});

describe('members', () => {
  it('are put out when a channel is closed to them or they leave the team', async () => {
    const anna = await test.login('anna');
    const member = await getMember(test.outbox.database, team, 'anna');
    await test.change((change) => addToChannel(change, secret, member));
    expect(await join(anna, '#secret')).toContain('JOIN #secret');
    await anna.ask('JOIN #general');
    const mark = anna.mark();
    await test.change((change) => removeFromChannel(change, secret, member));
    await anna.expect(/KICK #secret anna/, mark);
    expect(await join(anna, '#secret')).toContain(' 473 ');
    await test.change((change) => removeMember(change, team, member));
    await anna.expect(/KICK #general anna/, mark);
    expect(await join(anna, '#general')).toContain(' 473 ');
    await test.change((change) => addMember(change, team, { ...owner, id: member.accountId, name: 'anna' }, 'member'));
    expect(await join(anna, '#general')).toContain('JOIN #general');
    await anna.quit();
  });

  it('who run the team may set the topic and put out, and lose that with their role', async () => {
    const [ben, anna] = [await test.login('ben'), await test.login('anna')];
    await ben.ask('JOIN #general');
    await anna.ask('JOIN #general');
    expect((await ben.ask('TOPIC #general :Mine')).join()).toContain(' 482 ');
    const member = await getMember(test.outbox.database, team, 'ben');
    await test.change((change) => changeRole(change, team, member, 'admin'));
    expect((await ben.ask('TOPIC #general :Ours')).join()).toMatch(/ TOPIC #general :?Ours$/);
    await ben.ask('KICK #general anna :enough');
    await anna.expect(/KICK #general anna/);
    await test.change((change) => changeRole(change, team, { ...member, role: 'admin' }, 'member'));
    expect((await ben.ask('TOPIC #general :Mine again')).join()).toContain(' 482 ');
    await Promise.all([ben.quit(), anna.quit()]);
  });
});

describe('accounts', () => {
  it('lose their sessions when they are disabled, and come back when enabled', async () => {
    const dora = await test.addPerson('dora', team);
    const [first, second] = [await test.login('dora'), await test.loginWithPassword('dora', passwordOf('dora'))];
    await test.change((change) => disableAccount(change, dora));
    await Promise.all([first.closed, second.closed]);
    // In time before control ends what a last token opened.
    const late = await test.login('dora');
    expect(await join(late, '#general')).toContain(' 473 ');
    await expect(test.loginWithPassword('dora', passwordOf('dora'))).rejects.toThrow(' 904 ');
    await late.closed;
    const disabled = { ...dora, disabledAt: 'now' };
    await test.change((change) => enableAccount(change, disabled));
    const again = await test.loginWithPassword('dora', passwordOf('dora'));
    expect(await join(again, '#general')).toContain('JOIN #general');
    await again.quit();
  });

  it('lose their sessions and the old password when the password changes', async () => {
    const emil = await test.addPerson('emil', team);
    const session = await test.loginWithPassword('emil', passwordOf('emil'));
    const keys = await createKeys('emil', 'another horse entirely');
    await test.change((change) => changePassword(change, emil, keys));
    await session.closed;
    await expect(test.loginWithPassword('emil', passwordOf('emil'))).rejects.toThrow(' 904 ');
    await (await test.loginWithPassword('emil', 'another horse entirely')).quit();
  });

  it('that were unregistered on Ergo by their owner are made again', async () => {
    await test.addPerson('fritz', team);
    const fritz = await test.login('fritz');
    const warning = await fritz.ask('NS UNREGISTER fritz');
    const code = /NS UNREGISTER fritz (\w+)/.exec(warning.join('\n'))?.[1];
    fritz.send(`NS UNREGISTER fritz ${code}`);
    await fritz.closed;
    await expect(test.login('fritz')).rejects.toThrow(' 904 ');
    await test.reconcile();
    const again = await test.login('fritz');
    expect(await join(again, '#general')).toContain('JOIN #general');
    await again.quit();
  });
});

describe('reconciling', () => {
  it('undoes what was changed behind control’s back', async () => {
    await test.provisioner.close();
    const bot = await test.login('server');
    await bot.ask(`OPER server ${operatorPassword(test.settings)}`);
    await bot.ask('JOIN #left-over');
    await bot.ask('CS REGISTER #left-over');
    await bot.ask('NS SAREGISTER stranger');
    await bot.ask('CS AMODE #secret +v nora');
    await bot.ask('SAMODE #secret -is');
    await bot.ask('CS AMODE #general -v ben');
    await bot.ask('NS SUSPEND ADD ben');
    const nora = await test.login('nora');
    expect(await join(nora, '#secret')).toContain('JOIN #secret');
    const mark = nora.mark();
    await test.reconcile();
    await nora.expect(/KICK #secret nora/, mark);
    expect(await join(nora, '#secret')).toContain(' 473 ');
    expect((await nora.ask('LIST')).join('\n')).not.toContain('#secret');
    expect((await nora.ask('CS INFO #left-over')).join()).toContain('not registered');
    expect((await bot.ask('NS SUSPEND LIST')).join('\n')).toContain('Account stranger suspended');
    const ben = await test.login('ben');
    expect(await join(ben, '#general')).toContain('JOIN #general');
    await Promise.all([nora.quit(), ben.quit(), bot.quit()]);
  });

  it('disturbs nobody when there is nothing to do', async () => {
    const anna = await test.login('anna');
    await anna.ask('JOIN #general,#日本語');
    const mark = anna.mark();
    await test.reconcile();
    expect(await anna.ask('PRIVMSG anna :still here')).not.toEqual([]);
    expect(anna.lines.slice(mark).filter((line) => / (JOIN|PART|MODE|TOPIC|KICK) /.test(line))).toEqual([]);
    await anna.quit();
  });

  it('builds everything again after Ergo lost its data, by a connection that it opens again', async () => {
    await test.stopErgo('SIGKILL');
    rmSync(path.join(test.settings.dataFolder, 'ergo'), { recursive: true });
    await test.startErgo();
    await test.reconcile();
    const [anna, nora] = [await test.login('anna'), await test.login('nora')];
    expect(await join(anna, '#general')).toContain('JOIN #general');
    expect(await join(anna, '#日本語')).toContain('JOIN #日本語');
    expect(await join(nora, '#general')).toContain(' 473 ');
    expect((await nora.ask('LIST')).join('\n')).not.toContain('#secret');
    await Promise.all([anna.quit(), nora.quit()]);
  });

  it('says that it cannot be done while Ergo is away, and works again afterwards', async () => {
    await test.stopErgo();
    await expect(test.reconcile()).rejects.toMatchObject({ code: 'KOSMOS_ERR_COMPONENT_UNREACHABLE' });
    await test.startErgo();
    const channel = await test.change((change) => createChannel(change, team, { name: 'afterwards' }));
    const anna = await test.login('anna');
    expect(await join(anna, `#${channel.address}`)).toContain('JOIN #afterwards');
    await anna.quit();
  });
});
