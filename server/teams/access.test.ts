import { afterEach, beforeEach, expect, it } from 'vitest';
import { disableAccount, getAccount } from '../identity/accounts.ts';
import { addToChannel, findAllowed, findAllowedOnServer, findChannelsFor, removeFromChannel } from './access.ts';
import { changeChannel, findChannels, type Channel } from './channels.ts';
import { changeRole, findMembers, removeMember, type Member } from './members.ts';
import { openTestTeams, type TestTeams } from './teams.test-support.ts';
import type { Team } from './teams.ts';

let store: TestTeams;
let orbit: Team;
let people: Record<'ada' | 'adam' | 'mia' | 'gus', Member>;
let general: Channel;
let secret: Channel;
beforeEach(async () => {
  store = await openTestTeams();
  orbit = await store.team('Orbit');
  people = {
    ada: await store.member(orbit, 'ada', 'owner'),
    adam: await store.member(orbit, 'adam', 'admin'),
    mia: await store.member(orbit, 'mia'),
    gus: await store.member(orbit, 'gus', 'guest'),
  };
  general = await store.channel(orbit, 'general');
  secret = await store.channel(orbit, { name: 'secret', isPrivate: true });
});
afterEach(() => store.close());

const open = (channel: Channel, member: Member) => store.outbox.change((change) => addToChannel(change, channel, member));
const shut = (channel: Channel, member: Member) => store.outbox.change((change) => removeFromChannel(change, channel, member));
const namesIn = async (channel: Channel): Promise<string[]> => (await findAllowed(store.database, channel)).map(({ name }) => name);

/** The three ways to ask must agree: for one channel, for a server, for one account. */
async function checkAgreement(...teams: Team[]): Promise<void> {
  for (const team of teams) {
    for (const channel of await findChannels(store.database, team)) {
      const occupants = await findAllowed(store.database, channel);
      expect((await findAllowedOnServer(store.database, channel.home)).get(channel.id) ?? []).toEqual(occupants);
      for (const { name, role, disabled } of await findMembers(store.database, team)) {
        const account = await getAccount(store.database, name);
        const own = (await findChannelsFor(store.database, team, account, role)).some(({ id }) => id === channel.id);
        const alone = (await findAllowedOnServer(store.database, channel.home, name)).get(channel.id) ?? [];
        expect(alone).toEqual(occupants.filter((occupant) => occupant.name === name));
        if (!disabled) expect(own).toBe(alone.length === 1);
      }
    }
  }
}

it('opens a public channel to all but guests, and a private one to nobody', async () => {
  expect(await findAllowed(store.database, general)).toMatchObject([
    { name: 'ada', role: 'owner' },
    { name: 'adam', role: 'admin' },
    { name: 'mia', role: 'member' },
  ]);
  expect(await namesIn(secret)).toEqual([]);
  await checkAgreement(orbit);
});

it('lets in who a channel was opened to, until it is shut again', async () => {
  await open(general, people.gus);
  await open(secret, people.gus);
  await open(secret, people.mia);
  expect(await namesIn(general)).toEqual(['ada', 'adam', 'gus', 'mia']);
  expect(await namesIn(secret)).toEqual(['gus', 'mia']);
  await checkAgreement(orbit);
  await shut(general, people.gus);
  await shut(secret, people.mia);
  expect(await namesIn(general)).toEqual(['ada', 'adam', 'mia']);
  expect(await namesIn(secret)).toEqual(['gus']);
});

it('leaves a member in a public channel, whatever was shut', async () => {
  await open(general, people.mia);
  await shut(general, people.mia);
  expect(await namesIn(general)).toContain('mia');
});

it('tells of what changed, and of nothing twice', async () => {
  const before = (await store.events()).length;
  for (let time = 0; time < 2; time++) await open(secret, people.mia);
  for (let time = 0; time < 2; time++) await shut(secret, people.mia);
  expect((await store.events()).slice(before)).toEqual(['channel-member-added', 'channel-member-removed']);
});

it('follows the role: who becomes a guest keeps what was opened to them', async () => {
  await open(secret, people.mia);
  await store.outbox.change((change) => changeRole(change, orbit, people.mia, 'guest'));
  expect(await namesIn(general)).toEqual(['ada', 'adam']);
  expect(await findAllowed(store.database, secret)).toMatchObject([{ name: 'mia', role: 'guest' }]);
  await checkAgreement(orbit);
});

it('follows the channel: one that becomes private keeps who was named', async () => {
  await open(general, people.gus);
  await store.outbox.change((change) => changeChannel(change, general, { isPrivate: true }));
  expect(await namesIn(general)).toEqual(['gus']);
  await checkAgreement(orbit);
});

it('leaves out disabled accounts', async () => {
  await open(secret, people.mia);
  const mia = await getAccount(store.database, 'mia');
  await store.outbox.change((change) => disableAccount(change, mia));
  expect(await namesIn(general)).toEqual(['ada', 'adam']);
  expect(await namesIn(secret)).toEqual([]);
  await checkAgreement(orbit);
});

it('forgets what was open to a member who left, also if they come back', async () => {
  await open(secret, people.mia);
  await store.outbox.change((change) => removeMember(change, orbit, people.mia));
  expect(await namesIn(general)).toEqual(['ada', 'adam']);
  await store.member(orbit, 'mia');
  expect(await namesIn(secret)).toEqual([]);
});

it('keeps teams apart, on one server or two', async () => {
  const comet = await store.team('Comet');
  const lunar = await store.team('Lunar', 'xmpp');
  await store.member(comet, 'mia');
  await store.member(comet, 'eve', 'owner');
  await store.member(lunar, 'eve', 'owner');
  const rooms = [await store.channel(comet, 'general'), await store.channel(lunar, 'general')];
  expect(await Promise.all(rooms.map(namesIn))).toEqual([['eve', 'mia'], ['eve']]);
  expect(await namesIn(general)).not.toContain('eve');
  expect([...(await findAllowedOnServer(store.database, 'xmpp')).keys()]).toEqual([rooms[1]!.id]);
  expect(await findChannelsFor(store.database, orbit, await getAccount(store.database, 'eve'), undefined)).toEqual([]);
  await checkAgreement(orbit, comet, lunar);
});
