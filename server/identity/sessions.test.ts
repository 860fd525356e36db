import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { changePassword, disableAccount, enableAccount, type Account } from './accounts.ts';
import { openTestStore, type TestStore } from './identity.test-support.ts';
import { createScramKeys } from './scram.ts';
import { createSession, endSession, findSession, findSessions, removeExpiredSessions, SESSION_LIFETIME } from './sessions.ts';

const NOW = Date.parse('2027-01-01T00:00:00.000Z');
let store: TestStore;
let ada: Account;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  store = await openTestStore();
  ada = await store.account('ada');
});
afterEach(async () => {
  vi.useRealTimers();
  await store.close();
});

const open = (account = ada) =>
  createSession(store.database, account, { kind: 'browser', userAgent: 'x'.repeat(500), address: '192.0.2.1' });
const isOpen = async (token: string): Promise<boolean> => (await findSession(store.database, token)) !== undefined;

it('opens by its token, of which the database has a hash alone', async () => {
  const { token, session } = await open();
  expect(await findSession(store.database, token)).toEqual({ account: ada, session });
  expect(session).toMatchObject({ kind: 'browser', userAgent: 'x'.repeat(200), address: '192.0.2.1', seenAt: '2027-01-01T00:00:00.000Z' });
  expect(JSON.stringify(await store.database.selectFrom('sessions').selectAll().execute())).not.toContain(token);
  for (const wrong of ['', session.id, token.slice(1), token.toLowerCase()]) expect(await isOpen(wrong)).toBe(false);
});

it('ends after its lifetime, in use or not', async () => {
  const { token, session } = await open();
  expect(session.expiresAt).toBe('2027-01-31T00:00:00.000Z');
  vi.setSystemTime(NOW + SESSION_LIFETIME - 1);
  expect(await isOpen(token)).toBe(true);
  expect(await findSessions(store.database, ada)).toHaveLength(1);
  vi.setSystemTime(NOW + SESSION_LIFETIME);
  expect(await isOpen(token)).toBe(false);
  expect(await findSessions(store.database, ada)).toEqual([]);
});

it('tells when it was seen, to five minutes', async () => {
  const { token } = await open();
  const seenAfter = async (milliseconds: number): Promise<string | undefined> => {
    vi.setSystemTime(NOW + milliseconds);
    await findSession(store.database, token);
    return (await findSessions(store.database, ada))[0]?.seenAt;
  };
  expect(await seenAfter(5 * 60_000)).toBe('2027-01-01T00:00:00.000Z');
  expect(await seenAfter(5 * 60_000 + 1)).toBe('2027-01-01T00:05:00.001Z');
});

it('ends for a disabled account at once and for good', async () => {
  const { token } = await open();
  await store.outbox.change((change) => disableAccount(change, ada));
  expect(await isOpen(token)).toBe(false);
  await store.outbox.change((change) => enableAccount(change, { ...ada, disabledAt: 'now' }));
  expect(await isOpen(token)).toBe(false);
  expect(await store.events()).toEqual(['account-created', 'account-disabled', 'account-enabled']);
});

it('cannot be opened for an account that was disabled in the meantime', async () => {
  await store.outbox.change((change) => disableAccount(change, ada));
  const { token } = await open();
  expect(await isOpen(token)).toBe(false);
});

it('ends with the password that opened it, but for the one that changed it', async () => {
  const [other, own] = [await open(), await open()];
  const keys = await createScramKeys('another password');
  await store.outbox.change((change) => changePassword(change, ada, keys, own.session.id));
  expect([await isOpen(other.token), await isOpen(own.token)]).toEqual([false, true]);
  await store.outbox.change((change) => changePassword(change, ada, keys));
  expect(await isOpen(own.token)).toBe(false);
});

it('is ended by its own account alone, and tells of it', async () => {
  const bob = await store.account('bob');
  const { token, session } = await open();
  expect(await store.outbox.change((change) => endSession(change, bob, session.id))).toBe(false);
  expect(await isOpen(token)).toBe(true);
  expect(await store.outbox.change((change) => endSession(change, ada, session.id))).toBe(true);
  expect(await isOpen(token)).toBe(false);
  expect((await store.outbox.findAfter(0)).at(-1)).toMatchObject({ type: 'session-ended', name: 'ada', session: session.id });
  expect(await store.outbox.change((change) => endSession(change, ada, session.id))).toBe(false);
});

it('is listed newest first', async () => {
  const first = await open();
  vi.setSystemTime(NOW + 1_000);
  const second = await open();
  await open(await store.account('bob'));
  expect((await findSessions(store.database, ada)).map(({ id }) => id)).toEqual([second.session.id, first.session.id]);
});

it('is swept away when it has expired', async () => {
  await open();
  vi.setSystemTime(NOW + SESSION_LIFETIME);
  await open();
  await removeExpiredSessions(store.database);
  expect(await store.database.selectFrom('sessions').selectAll().execute()).toHaveLength(1);
});
