import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changePassword, disableAccount, ensureBot, findAccount } from './accounts.ts';
import { Credentials } from './credentials.ts';
import { openTestStore, PASSWORD, type TestStore } from './identity.test-support.ts';
import { createScramKeys, verifyPassword } from './scram.ts';

let store: TestStore;
let now: number;
let credentials: Credentials;
beforeEach(async () => {
  store = await openTestStore();
  now = Date.now();
  credentials = new Credentials(store.database, () => now);
  await store.account('ada');
});
afterEach(() => store.close());

const code = (suffix: string) => expect.objectContaining({ code: `KOSMOS_ERR_${suffix}` });
const fail = (name: string, address: string | undefined, times: number): void => {
  for (let time = 0; time < times; time++) credentials.countFailure(name, address);
};

it('knows the password and no other', async () => {
  expect(await credentials.checkPassword('Ada ', PASSWORD)).toMatchObject({ name: 'ada' });
  for (const wrong of ['', PASSWORD.toUpperCase(), `${PASSWORD} `, 'x'.repeat(100_000)]) {
    await expect(credentials.checkPassword('ada', wrong)).rejects.toEqual(code('CREDENTIALS'));
  }
  await expect(credentials.checkPassword('eve', PASSWORD)).rejects.toEqual(code('CREDENTIALS'));
});

it('gives servers the keys that the password fits', async () => {
  for (const hash of ['SHA-1', 'SHA-256'] as const) {
    const keys = await credentials.getScramKeys('ADA', hash);
    expect(keys.hash).toBe(hash);
    expect(await verifyPassword(PASSWORD, keys)).toBe(true);
  }
  await expect(credentials.getScramKeys('eve', 'SHA-1')).rejects.toEqual(code('ACCOUNT_NOT_FOUND'));
});

it('takes the new password at once, and the old one no more', async () => {
  const ada = await findAccount(store.database, 'ada');
  const keys = await createScramKeys('another password');
  await store.outbox.change((change) => changePassword(change, ada!, keys));
  await expect(credentials.checkPassword('ada', PASSWORD)).rejects.toEqual(code('CREDENTIALS'));
  expect(await credentials.checkPassword('ada', 'another password')).toMatchObject({ name: 'ada' });
});

it('tells of a disabled account to who knows its password alone', async () => {
  const ada = await findAccount(store.database, 'ada');
  await store.outbox.change((change) => disableAccount(change, ada!));
  await expect(credentials.checkPassword('ada', PASSWORD)).rejects.toEqual(code('ACCOUNT_DISABLED'));
  await expect(credentials.checkPassword('ada', 'a wrong one')).rejects.toEqual(code('CREDENTIALS'));
  await expect(credentials.getScramKeys('ada', 'SHA-256')).rejects.toEqual(code('ACCOUNT_DISABLED'));
});

it('lets nobody in as the bot, which has no password', async () => {
  await store.outbox.change((change) => ensureBot(change, 'kosmos'));
  for (const guess of ['', 'kosmos']) await expect(credentials.checkPassword('kosmos', guess)).rejects.toEqual(code('CREDENTIALS'));
  await expect(credentials.getScramKeys('kosmos', 'SHA-256')).rejects.toEqual(code('ACCOUNT_NOT_FOUND'));
});

describe('after too many failures', () => {
  const limited = expect.objectContaining({ code: 'KOSMOS_ERR_LOGIN_LIMITED', details: { seconds: 900 } });

  it('of one name from one address, the right password waits too: there, and for fifteen minutes', async () => {
    for (let time = 0; time < 10; time++) {
      await expect(credentials.checkPassword('ada', 'a wrong one', '192.0.2.1')).rejects.toEqual(code('CREDENTIALS'));
    }
    await expect(credentials.checkPassword('ADA', PASSWORD, '192.0.2.1')).rejects.toEqual(limited);
    expect(await credentials.checkPassword('ada', PASSWORD, '192.0.2.2')).toMatchObject({ name: 'ada' });
    now += 900_000;
    expect(await credentials.checkPassword('ada', PASSWORD, '192.0.2.1')).toMatchObject({ name: 'ada' });
  });

  it('of many names from one address, no name is tried from there', async () => {
    for (let name = 0; name < 60; name++) credentials.countFailure(`name${name}`, '192.0.2.1');
    await expect(credentials.checkPassword('ada', PASSWORD, '192.0.2.1')).rejects.toEqual(limited);
    expect(await credentials.checkPassword('ada', PASSWORD, '192.0.2.2')).toMatchObject({ name: 'ada' });
  });

  it('of one name from many addresses, it is tried from nowhere', async () => {
    for (let host = 0; host < 100; host++) credentials.countFailure('ada', `192.0.2.${host}`);
    await expect(credentials.checkPassword('ada', PASSWORD, '198.51.100.1')).rejects.toEqual(limited);
    await expect(credentials.getScramKeys('ada', 'SHA-256')).rejects.toEqual(limited);
  });

  it('that a success came between, counting begins again', async () => {
    fail('ada', '192.0.2.1', 9);
    await credentials.checkPassword('ada', PASSWORD, '192.0.2.1');
    fail('ada', '192.0.2.1', 9);
    expect(await credentials.checkPassword('ada', PASSWORD, '192.0.2.1')).toMatchObject({ name: 'ada' });
  });
});
