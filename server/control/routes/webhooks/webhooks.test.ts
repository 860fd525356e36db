import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSecret } from '../../../teams/outgoing-webhooks.ts';
import { openWebhook } from '../../../teams/webhooks.ts';
import { loadKey } from '../../../foundation/secrets.ts';
import { openTestApp, type TestApp } from '../../app.test-support.ts';

let house: TestApp;
let ada: string;
let bob: string;
beforeEach(async () => {
  house = await openTestApp();
  ada = await house.setUp();
  bob = await house.join(ada, 'orbit', 'bob');
});
afterEach(() => house.close());

const CHANNEL = '/api/teams/orbit/channels/general';
const incoming = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path = '', body?: object, as = ada) =>
  house.ask(method, `${CHANNEL}/webhooks${path}`, body, as);
const outgoing = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path = '', body?: object, as = ada) =>
  house.ask(method, `${CHANNEL}/outgoing-webhooks${path}`, body, as);
const secretOf = (address: string): string => address.split('/').at(-1)!;
const opens = (secret: string) =>
  openWebhook(house.services.database, secret).then(
    () => true,
    () => false,
  );

test('an address is shown once, renamed, given anew and removed', async () => {
  const answer = await incoming('POST', '', { name: ' CI ' });
  expect(answer.statusCode).toBe(201);
  const made = answer.json<{ id: string; address: string; kosmosAddress: string }>();
  const secret = secretOf(made.address);
  expect(made).toMatchObject({ name: 'CI', usedAt: null, lastError: null });
  expect(new URL(made.address).pathname).toBe(`/hooks/${made.id}/${secret}`);
  expect(new URL(made.kosmosAddress).pathname).toBe(`/incoming/${secret}`);
  expect(await opens(secret)).toBe(true);
  expect((await incoming('GET')).body).not.toContain(secret);

  expect((await incoming('PATCH', `/${made.id}`, { name: 'Builds' })).json()).toMatchObject({ id: made.id, name: 'Builds' });
  const rotated = secretOf((await incoming('POST', `/${made.id}/secret`)).json<{ address: string }>().address);
  expect([await opens(secret), await opens(rotated)]).toEqual([false, true]);
  expect((await incoming('GET')).json()).toMatchObject({ webhooks: [{ name: 'Builds' }] });
  expect((await incoming('DELETE', `/${made.id}`)).statusCode).toBe(204);
  expect(await opens(rotated)).toBe(false);
  for (const answer of [
    await incoming('DELETE', `/${made.id}`),
    await incoming('PATCH', `/${made.id}`, { name: 'x' }),
    await incoming('POST', `/${made.id}/secret`),
  ]) {
    expect(answer.json()).toMatchObject({ code: 'KOSMOS_ERR_WEBHOOK_NOT_FOUND' });
  }
});

test('a webhook of another channel is none of this one', async () => {
  await house.ask('POST', '/api/teams/orbit/channels', { name: 'other' }, ada);
  const { id } = (await incoming('POST', '', { name: 'CI' })).json<{ id: string }>();
  expect((await house.ask('DELETE', `/api/teams/orbit/channels/other/webhooks/${id}`, undefined, ada)).statusCode).toBe(404);
  expect((await incoming('GET')).json()).toMatchObject({ webhooks: [{ id }] });
});

test('members do not run webhooks, and admins call nobody about what they may not read', async () => {
  expect((await incoming('GET', '', undefined, bob)).statusCode).toBe(403);
  expect((await incoming('POST', '', { name: 'CI' }, bob)).statusCode).toBe(403);
  expect((await outgoing('POST', '', { name: 'x', url: 'https://example.org/', trigger: 'message' }, bob)).statusCode).toBe(403);
  await house.ask('POST', '/api/teams/orbit/channels', { name: 'bobs', private: true }, bob);
  const bobs = '/api/teams/orbit/channels/bobs';
  expect((await house.ask('POST', `${bobs}/webhooks`, { name: 'CI' }, ada)).statusCode).toBe(201);
  const wanted = { name: 'x', url: 'https://example.org/', trigger: 'message' };
  expect((await house.ask('POST', `${bobs}/outgoing-webhooks`, wanted, ada)).statusCode).toBe(403);
});

test('an outgoing address has its own secret, is changed in part, and says what is wrong with it', async () => {
  const { database, settings } = house.services;
  const answer = await outgoing('POST', '', { name: 'watch', url: 'https://example.org/hook', trigger: 'mention', word: 'Deploy' });
  const { secret, ...made } = answer.json<{ id: string; secret: string }>();
  expect([answer.statusCode, made]).toMatchObject([201, { name: 'watch', url: 'https://example.org/hook', word: 'deploy' }]);
  const stored = async (): Promise<string> => {
    const row = await database.selectFrom('outgoing_webhooks').selectAll().executeTakeFirstOrThrow();
    return openSecret(loadKey(settings.dataFolder, 'encryption'), row);
  };
  expect(await stored()).toBe(secret);
  expect((await outgoing('PATCH', `/${made.id}`, { url: 'http://example.org/b' })).json()).toEqual({
    ...made,
    url: 'http://example.org/b',
  });
  expect((await outgoing('PATCH', `/${made.id}`, { trigger: 'message', word: '' })).json()).toMatchObject({
    trigger: 'message',
    word: null,
  });
  const rotated = (await outgoing('POST', `/${made.id}/secret`)).json<{ secret: string }>().secret;
  expect(await stored()).toBe(rotated);
  expect((await outgoing('GET')).body).not.toContain(rotated);

  for (const [body, code] of [
    [{ url: 'ftp://example.org' }, 'KOSMOS_ERR_WEBHOOK_URL'],
    [{ url: 'https://me:secret@example.org' }, 'KOSMOS_ERR_WEBHOOK_URL'],
    [{ trigger: 'mention', word: ' ' }, 'KOSMOS_ERR_WEBHOOK_WORD'],
    [{ name: ' ' }, 'KOSMOS_ERR_WEBHOOK_NAME_INVALID'],
    [{ colour: 'red' }, 'KOSMOS_ERR_VALIDATION'],
  ] as const) {
    expect((await outgoing('PATCH', `/${made.id}`, body)).json()).toMatchObject({ code });
  }
  expect((await outgoing('GET', `/${made.id}/calls`)).json()).toEqual({ calls: [] });
  expect((await outgoing('POST', `/${made.id}/test`)).json()).toMatchObject({ code: 'KOSMOS_ERR_COMPONENT_UNREACHABLE' });
  expect((await outgoing('DELETE', `/${made.id}`)).statusCode).toBe(204);
  expect((await outgoing('GET', `/${made.id}/calls`)).json()).toMatchObject({ code: 'KOSMOS_ERR_OUTGOING_WEBHOOK_NOT_FOUND' });
});
