import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { getAccount, type Account } from '../identity/accounts.ts';
import { createInvite, findInvites, getInvite, revokeInvite, useInvite, type NewInvite } from './invites.ts';
import { addMember, findMembers } from './members.ts';
import { openTestTeams, type TestTeams } from './teams.test-support.ts';
import type { Team } from './teams.ts';

const NOW = Date.parse('2027-01-01T00:00:00.000Z');
const HOUR = 3_600_000;
let store: TestTeams;
let orbit: Team;
let ada: Account;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  store = await openTestTeams();
  orbit = await store.team('Orbit');
  await store.member(orbit, 'ada', 'owner');
  ada = await getAccount(store.database, 'ada');
});
afterEach(async () => {
  vi.useRealTimers();
  await store.close();
});

const code = (suffix: string, details = {}) => expect.objectContaining({ code: `KOSMOS_ERR_INVITE_${suffix}`, details });
const create = (wanted: Partial<NewInvite> = {}, team = orbit) =>
  store.outbox.change((change) => createInvite(change, team, ada, { role: 'member', uses: 1, expiresInHours: 24, ...wanted }));
const get = (token: string) => getInvite(store.database, token);
const use = async (token: string): Promise<void> => {
  const invite = await get(token);
  await store.outbox.change((change) => useInvite(change, invite));
};

it('is opened by its token, of which the database has a hash alone', async () => {
  const { token, ...invite } = await create({ role: 'guest', uses: 3 });
  expect(await get(token)).toEqual(invite);
  expect(invite).toMatchObject({ teamId: orbit.id, role: 'guest', usesLeft: 3, expiresAt: '2027-01-02T00:00:00.000Z' });
  expect(JSON.stringify(await store.database.selectFrom('invites').selectAll().execute())).not.toContain(token);
  for (const wrong of ['', invite.id, token.slice(1)]) await expect(get(wrong)).rejects.toEqual(code('NOT_FOUND'));
});

it('is used as often as it may', async () => {
  const { token } = await create({ uses: 2 });
  await use(token);
  expect((await get(token)).usesLeft).toBe(1);
  await use(token);
  await expect(get(token)).rejects.toEqual(code('USED'));
});

it('ends at its hour', async () => {
  const { token } = await create({ expiresInHours: 0.5 });
  vi.setSystemTime(NOW + HOUR / 2 - 1);
  await get(token);
  vi.setSystemTime(NOW + HOUR / 2);
  await expect(get(token)).rejects.toEqual(code('EXPIRED', { expiredAt: '2027-01-01T00:30:00.000Z' }));
});

it('is withdrawn by its own team alone, once', async () => {
  const { id, token } = await create();
  const comet = await store.team('Comet');
  const revoke = (team: Team) => store.outbox.change((change) => revokeInvite(change, team, id));
  expect(await revoke(comet)).toBe(false);
  await get(token);
  expect(await revoke(orbit)).toBe(true);
  await expect(get(token)).rejects.toEqual(code('REVOKED'));
  expect(await revoke(orbit)).toBe(false);
});

it('takes one of two people who come at once for the last use', async () => {
  const { token } = await create();
  const guests = [await store.account('bob'), await store.account('carol')];
  const invites = await Promise.all(guests.map(() => get(token)));
  const join = (guest: Account, index: number) =>
    store.outbox.change(async (change) => {
      await useInvite(change, invites[index]!);
      await addMember(change, orbit, guest, 'member');
    });
  const results = await Promise.allSettled(guests.map(join));
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: code('USED') });
  expect(await findMembers(store.database, orbit)).toHaveLength(2);
});

it('is not used by who was looking at it while it was withdrawn', async () => {
  const invite = await create();
  await store.outbox.change((change) => revokeInvite(change, orbit, invite.id));
  await expect(store.outbox.change((change) => useInvite(change, invite))).rejects.toEqual(code('USED'));
});

it('keeps its use if joining fails: who is a member already costs nobody an invite', async () => {
  const { token, ...invite } = await create();
  const joining = store.outbox.change(async (change) => {
    await useInvite(change, invite);
    await addMember(change, orbit, ada, 'member');
  });
  await expect(joining).rejects.toMatchObject({ code: 'KOSMOS_ERR_MEMBER_EXISTS' });
  expect((await get(token)).usesLeft).toBe(1);
});

it('is listed while it is open, newest first', async () => {
  const first = await create({ expiresInHours: 1 });
  vi.setSystemTime(NOW + 1_000);
  const second = await create();
  const used = await create();
  await use(used.token);
  await create({}, await store.team('Comet'));
  const ids = async (): Promise<string[]> => (await findInvites(store.database, orbit)).map(({ id }) => id);
  expect(await ids()).toEqual([second.id, first.id]);
  vi.setSystemTime(NOW + HOUR);
  expect(await ids()).toEqual([second.id]);
  await store.outbox.change((change) => revokeInvite(change, orbit, second.id));
  expect(await ids()).toEqual([]);
});
