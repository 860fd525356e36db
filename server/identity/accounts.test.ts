import { afterEach, beforeEach, expect, it } from 'vitest';
import { createAccount, createKeys, disableAccount, ensureBot, findAccount, findLookalike, getAccount, renameAccount } from './accounts.ts';
import { openTestStore, type TestStore } from './identity.test-support.ts';

let store: TestStore;
beforeEach(async () => void (store = await openTestStore()));
afterEach(() => store.close());
const code = (suffix: string) => expect.objectContaining({ code: `KOSMOS_ERR_${suffix}` });

it('is found by its name, in whatever letters', async () => {
  const ada = await store.account({ name: 'Ada', displayName: 'Ada L.', isAdmin: true });
  expect(ada).toMatchObject({ name: 'ada', displayName: 'Ada L.', isAdmin: true, isBot: false, disabledAt: null });
  expect(await findAccount(store.database, ' ADA ')).toEqual(ada);
  expect(await findAccount(store.database, 'eve')).toBeUndefined();
  await expect(getAccount(store.database, 'eve')).rejects.toEqual(code('ACCOUNT_NOT_FOUND'));
});

it('has a name that no other has, nor one that looks like it', async () => {
  await store.account('bob');
  for (const name of ['bob', 'BOB', 'b0b']) await expect(store.account(name)).rejects.toEqual(code('NAME_TAKEN'));
  await store.account('pau1');
  await expect(store.account('paul')).rejects.toEqual(code('NAME_TAKEN'));
  expect(await findLookalike(store.database, 'B0b')).toMatchObject({ name: 'bob' });
  expect(await findLookalike(store.database, 'bop')).toBeUndefined();
  expect(await store.events()).toEqual(['account-created', 'account-created']);
});

it('is one of two that ask for one name at once', async () => {
  const results = await Promise.allSettled([store.account('carol'), store.account('carol')]);
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: code('NAME_TAKEN') });
});

it('has its name and password checked before keys are made', async () => {
  await expect(createKeys('root', 'long enough')).rejects.toEqual(code('NAME_RESERVED'));
  await expect(createKeys('x', 'long enough')).rejects.toEqual(code('NAME_INVALID'));
  await expect(createKeys('adalovelace', 'AdaLovelace')).rejects.toEqual(code('PASSWORD_WEAK'));
  expect(await createKeys('ada', 'long enough')).toHaveLength(2);
});

it('leaves no trace if the change around it fails', async () => {
  const keys = await createKeys('ada', 'long enough');
  const failing = store.outbox.change(async (change) => {
    await createAccount(change, { name: 'ada' }, keys);
    throw new Error('the team could not be made');
  });
  await expect(failing).rejects.toThrow('the team could not be made');
  expect(await findAccount(store.database, 'ada')).toBeUndefined();
  expect(await store.events()).toEqual([]);
});

it('shows its name again when the display name is taken away', async () => {
  const ada = await store.account('ada');
  const change = (shown: string | null) => store.outbox.change((change) => renameAccount(change, ada, shown));
  expect(await change(' Ada L. ')).toMatchObject({ displayName: 'Ada L.' });
  expect(await change('   ')).toMatchObject({ displayName: null });
  expect((await findAccount(store.database, 'ada'))?.displayName).toBeNull();
});

it('is disabled once, however often it is asked for', async () => {
  await store.account('ada');
  const disable = async () => {
    const ada = await getAccount(store.database, 'ada');
    await store.outbox.change((change) => disableAccount(change, ada));
  };
  await disable();
  const first = await getAccount(store.database, 'ada');
  expect(first.disabledAt).toMatch(/^\d{4}-/);
  await disable();
  expect(await getAccount(store.database, 'ada')).toEqual(first);
  expect(await store.events()).toEqual(['account-created', 'account-disabled']);
});

it('is made once for the bot, whose name nobody else can have', async () => {
  const bots = [];
  for (let time = 0; time < 2; time++) bots.push(await store.outbox.change((change) => ensureBot(change, 'kosmos')));
  expect(bots[0]).toMatchObject({ name: 'kosmos', isBot: true, isAdmin: false });
  expect(bots[1]).toEqual(bots[0]);
  await expect(store.account('kosmos')).rejects.toEqual(code('NAME_RESERVED'));
  await expect(store.account('k0smos')).rejects.toEqual(code('NAME_RESERVED'));
});
