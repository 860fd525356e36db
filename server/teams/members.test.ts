import { afterEach, beforeEach, expect, it } from 'vitest';
import { disableAccount, getAccount } from '../identity/accounts.ts';
import { addMember, changeRole, findMember, findMembers, findRole, getMember, removeMember, type Member } from './members.ts';
import { openTestTeams, type TestTeams } from './teams.test-support.ts';
import type { Team } from './teams.ts';

let store: TestTeams;
let orbit: Team;
let ada: Member;
beforeEach(async () => {
  store = await openTestTeams();
  orbit = await store.team('Orbit');
  ada = await store.member(orbit, 'ada', 'owner');
});
afterEach(() => store.close());

const lastOwner = expect.objectContaining({ code: 'KOSMOS_ERR_LAST_OWNER' });
const setRole = (member: Member, role: Member['role']) => store.outbox.change((change) => changeRole(change, orbit, member, role));
const remove = (member: Member) => store.outbox.change((change) => removeMember(change, orbit, member));

it('is found by name, in whatever letters', async () => {
  await store.member(orbit, 'mia', 'guest');
  expect((await findMembers(store.database, orbit)).map(({ name, role }) => [name, role])).toEqual([
    ['ada', 'owner'],
    ['mia', 'guest'],
  ]);
  expect(await getMember(store.database, orbit, ' MIA')).toMatchObject({ name: 'mia', role: 'guest', disabled: false });
  expect(await findMember(store.database, orbit, 'eve')).toBeUndefined();
  await expect(getMember(store.database, orbit, 'eve')).rejects.toMatchObject({ code: 'KOSMOS_ERR_MEMBER_NOT_FOUND' });
});

it('is in a team once, in any number of teams', async () => {
  await expect(store.member(orbit, 'ada')).rejects.toMatchObject({ code: 'KOSMOS_ERR_MEMBER_EXISTS' });
  const comet = await store.team('Comet');
  await store.member(comet, 'ada', 'guest');
  const account = await getAccount(store.database, 'ada');
  expect([await findRole(store.database, orbit, account), await findRole(store.database, comet, account)]).toEqual(['owner', 'guest']);
});

it('takes another role, told once', async () => {
  const mia = await store.member(orbit, 'mia');
  const before = (await store.events()).length;
  await setRole(mia, 'admin');
  await setRole(await getMember(store.database, orbit, 'mia'), 'admin');
  expect((await getMember(store.database, orbit, 'mia')).role).toBe('admin');
  expect((await store.events()).slice(before)).toEqual(['member-changed']);
});

it('cannot be the last owner and go, nor step down', async () => {
  await store.member(orbit, 'adam', 'admin');
  await expect(setRole(ada, 'admin')).rejects.toEqual(lastOwner);
  await expect(remove(ada)).rejects.toEqual(lastOwner);
  await store.member(orbit, 'olga', 'owner');
  await setRole(ada, 'admin');
  await expect(remove(await getMember(store.database, orbit, 'olga'))).rejects.toEqual(lastOwner);
});

it('is no owner to count on while the account is disabled', async () => {
  await store.member(orbit, 'olga', 'owner');
  const olga = await getAccount(store.database, 'olga');
  await store.outbox.change((change) => disableAccount(change, olga));
  await expect(remove(ada)).rejects.toEqual(lastOwner);
  expect(await getMember(store.database, orbit, 'olga')).toMatchObject({ disabled: true });
});

it('is of two owners who go at once the one that stays', async () => {
  const olga = await store.member(orbit, 'olga', 'owner');
  const results = await Promise.allSettled([remove(ada), remove(olga)]);
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(await findMembers(store.database, orbit)).toHaveLength(1);
});

it('leaves the team and keeps the account', async () => {
  const mia = await store.member(orbit, 'mia');
  await remove(mia);
  expect(await findMember(store.database, orbit, 'mia')).toBeUndefined();
  const account = await getAccount(store.database, 'mia');
  expect(account.disabledAt).toBeNull();
  await store.outbox.change((change) => addMember(change, orbit, account, 'guest'));
  expect((await getMember(store.database, orbit, 'mia')).role).toBe('guest');
});
