import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changeChannel, checkChannelName, findChannelsOnServer, getChannel, removeChannel } from './channels.ts';
import { openTestTeams, type TestTeams } from './teams.test-support.ts';
import { createTeam, findTeam, findTeamsOf, changeTeam, type Team } from './teams.ts';
import { getAccount } from '../identity/accounts.ts';

let store: TestTeams;
let orbit: Team;
beforeEach(async () => {
  store = await openTestTeams();
  orbit = await store.team('Orbit');
});
afterEach(() => store.close());
const code = (suffix: string) => expect.objectContaining({ code: `KOSMOS_ERR_${suffix}` });

describe('a channel’s name', () => {
  it.each([
    ['#General', 'general'],
    ['  off-topic ', 'off-topic'],
    ['２０２７', '2027'],
    ['Straße_1', 'straße_1'],
    ['日本語', '日本語'],
    ['हिन्दी', 'हिन्दी'],
    ['a'.repeat(40), 'a'.repeat(40)],
  ])('%s is stored as %s', (text, name) => {
    expect(checkChannelName(text)).toBe(name);
  });

  it.each(['', '#', '##a', 'a b', 'a,b', 'a.b', 'a/b', '-a', '_a', 'a\u0007', '🪨', 'a@b', 'a'.repeat(41)])('%j is not taken', (text) => {
    expect(() => checkChannelName(text)).toThrow(code('CHANNEL_NAME_INVALID'));
  });
});

it('is one of a name in its team', async () => {
  await store.channel(orbit, 'general');
  for (const name of ['general', '#GENERAL']) await expect(store.channel(orbit, name)).rejects.toEqual(code('CHANNEL_EXISTS'));
  const other = await store.channel(orbit, 'random');
  await expect(store.outbox.change((change) => changeChannel(change, other, { name: 'General' }))).rejects.toEqual(code('CHANNEL_EXISTS'));
  await expect(getChannel(store.database, orbit, 'nowhere')).rejects.toEqual(code('CHANNEL_NOT_FOUND'));
});

it('has an address that no other on its server has, nor one that looks like it', async () => {
  const comet = await store.team('Comet');
  const lunar = await store.team('Lunar', 'xmpp');
  const addresses = [];
  for (const [team, name] of [
    [orbit, 'tools'],
    [comet, 'tools'],
    [comet, 't00ls'],
    [lunar, 'tools'],
  ] as const) {
    addresses.push((await store.channel(team, name)).address);
  }
  expect(addresses).toEqual(['tools', 'comet.tools', expect.stringMatching(/^comet\.[0-9a-f]{8}$/), 'tools']);
  expect((await findChannelsOnServer(store.database, 'irc')).map(({ address }) => address)).toEqual(addresses.slice(0, 3).sort());
});

it('keeps its address when it is renamed, and is found by the new name and its id', async () => {
  const channel = await store.channel(orbit, { name: 'tools', topic: 'hammers' });
  const changed = await store.outbox.change((change) => changeChannel(change, channel, { name: 'Workshop' }));
  expect(changed).toEqual({ ...channel, name: 'workshop' });
  for (const key of ['workshop', '#WORKSHOP', channel.id]) expect(await getChannel(store.database, orbit, key)).toEqual(changed);
  await expect(getChannel(store.database, await store.team('Comet'), channel.id)).rejects.toEqual(code('CHANNEL_NOT_FOUND'));
});

it('leaves its name and address free when it is removed', async () => {
  const channel = await store.channel(orbit, 'tools');
  await store.outbox.change((change) => removeChannel(change, channel));
  expect((await store.outbox.findAfter(0)).at(-1)).toMatchObject({ type: 'channel-removed', home: 'irc', address: 'tools' });
  expect(await store.channel(orbit, 'tools')).toMatchObject({ address: 'tools' });
});

it('is one of 500 at most', async () => {
  for (let number = 0; number < 500; number++) await store.channel(orbit, `c${number}x`);
  await expect(store.channel(orbit, 'one-more')).rejects.toEqual(code('CHANNEL_LIMIT'));
});

describe('a team', () => {
  it.each([
    ['Café Zürich', 'cafe-zurich'],
    ['  A & B!  ', 'a-b'],
    ['x'.repeat(60), 'x'.repeat(40)],
    [`${'x'.repeat(39)} y`, 'x'.repeat(39)],
  ])('%s has the address %s', async (name, slug) => {
    expect(await store.team(name)).toMatchObject({ slug, name: name.trim() });
  });

  it('needs a letter or digit for its address, and one that is free', async () => {
    for (const name of ['', '!!!', '日本']) await expect(store.team(name)).rejects.toEqual(code('TEAM_NAME_INVALID'));
    await expect(store.team('ORBIT')).rejects.toEqual(code('TEAM_NAME_TAKEN'));
    const named = await store.outbox.change((change) => createTeam(change, { name: '日本', slug: 'nihon', home: 'xmpp' }));
    expect(named).toMatchObject({ name: '日本', slug: 'nihon' });
  });

  it('keeps its address when it is renamed', async () => {
    await store.outbox.change((change) => changeTeam(change, orbit, { name: ' Ellipse ' }));
    for (const key of ['orbit', orbit.id]) expect(await findTeam(store.database, key)).toEqual({ ...orbit, name: 'Ellipse' });
    expect(await findTeam(store.database, 'ellipse')).toBeUndefined();
  });

  it('is listed to its members with their role', async () => {
    await store.member(orbit, 'ada', 'owner');
    await store.team('Comet');
    expect(await findTeamsOf(store.database, await getAccount(store.database, 'ada'))).toEqual([{ ...orbit, role: 'owner' }]);
  });
});
