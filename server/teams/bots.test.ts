import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { findAccount, getAccount } from '../identity/accounts.ts';
import { findAllowed } from './access.ts';
import { checkBotRole, createBot, disableBots, findBots, getBot, makeBotPassword, removeBot, type NewBot } from './bots.ts';
import { openTestTeams, type TestTeams } from './teams.test-support.ts';
import type { Team } from './teams.ts';
import { noteCall, createWebhook, findIncomingCalls } from './webhooks.ts';

let store: TestTeams;
let orbit: Team;
beforeEach(async () => {
  store = await openTestTeams();
  orbit = await store.team('Orbit');
  await store.member(orbit, 'ada', 'owner');
});
afterEach(() => store.close());

async function make(wanted: NewBot, team = orbit): Promise<string> {
  const { password, keys } = await makeBotPassword(wanted.name);
  await store.outbox.change((change) => createBot(change, team, wanted, keys));
  return password;
}

it('is an account of its team with a password that nobody chose; as a guest it is in no channel', async () => {
  const general = await store.channel(orbit, 'general');
  expect((await make({ name: 'deployer', role: 'member' })).length).toBeGreaterThan(40);
  await make({ name: 'watcher', role: 'guest' });
  expect((await findBots(store.database, orbit)).map(({ name, role, isBot }) => [name, role, isBot])).toEqual([
    ['deployer', 'member', true],
    ['watcher', 'guest', true],
  ]);
  expect((await findAllowed(store.database, general)).map(({ name }) => name)).toEqual(['ada', 'deployer']);
  await expect(make({ name: 'dep10yer', role: 'guest' })).rejects.toMatchObject({ code: 'KOSMOS_ERR_NAME_TAKEN' });
});

it('is found in its own team, and no person is taken for one', async () => {
  await make({ name: 'deployer', role: 'member' });
  const comet = await store.team('Comet');
  expect((await getBot(store.database, orbit, ' Deployer')).account).toMatchObject({ name: 'deployer', isBot: true });
  for (const [team, name] of [
    [comet, 'deployer'],
    [orbit, 'ada'],
  ] as const)
    await expect(getBot(store.database, team, name)).rejects.toMatchObject({ code: 'KOSMOS_ERR_BOT_NOT_FOUND' });
  for (const role of ['owner', 'admin'] as const)
    expect(() => checkBotRole({ isBot: true, name: 'deployer' }, role)).toThrow(
      expect.objectContaining({ code: 'KOSMOS_ERR_BOT_ACCOUNT' }),
    );
  expect(() => checkBotRole({ isBot: false, name: 'ada' }, 'owner')).not.toThrow();
});

it('removed, or with its team, it is disabled and its name stays taken', async () => {
  await make({ name: 'deployer', role: 'member' });
  await make({ name: 'watcher', role: 'guest' });
  const bot = await getBot(store.database, orbit, 'deployer');
  await store.outbox.change((change) => removeBot(change, orbit, bot));
  expect((await findBots(store.database, orbit)).map(({ name }) => name)).toEqual(['watcher']);
  await store.outbox.change((change) => disableBots(change, orbit));
  for (const name of ['deployer', 'watcher']) expect((await getAccount(store.database, name)).disabledAt).not.toBeNull();
  expect((await findAccount(store.database, 'ada'))?.disabledAt).toBeNull();
});

it('a webhook’s history has the newest hundred', async () => {
  const channel = await store.channel(orbit, 'general');
  const { accountId } = await store.member(orbit, 'bea');
  const webhook = await createWebhook(store.database, channel, { id: accountId }, 'Monitor');
  vi.useFakeTimers({ toFake: ['Date'] });
  for (let call = 1; call <= 103; call += 1) {
    vi.setSystemTime(call * 1_000);
    await noteCall(store.database, webhook, { format: 'slack', status: 200, outcome: String(call) });
  }
  vi.useRealTimers();
  const calls = await findIncomingCalls(store.database, channel, webhook.id);
  expect([calls.length, calls[0]?.outcome, calls.at(-1)?.outcome]).toEqual([100, '103', '4']);
});
