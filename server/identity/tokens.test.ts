import { createHmac, randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { looksLikeToken, Tokens } from './tokens.ts';

const key = randomBytes(32);
const tokens = new Tokens(key);
const invalid = expect.objectContaining({ code: 'KOSMOS_ERR_TOKEN_INVALID' });
const NOW = Date.parse('2027-01-01T00:00:00.000Z');

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }));
afterEach(() => void vi.useRealTimers());

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const payloadOf = (token: string): object => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as object;
function sign(header: object, payload: object, by: Buffer = key, hash = 'sha256'): string {
  const text = `${part(header)}.${part(payload)}`;
  return `${text}.${createHmac(hash, by).update(text).digest('base64url')}`;
}
const claims = { account: 'ada', iss: 'kosmos', aud: 'ergo', iat: NOW / 1000, exp: NOW / 1000 + 60 };

it('names the account to the server that it is for', async () => {
  const { token, expiresAt } = await tokens.mint('ada', 'ergo');
  expect(await tokens.check(token, 'ergo')).toBe('ada');
  expect(expiresAt).toBe('2027-01-01T00:01:00.000Z');
  expect(payloadOf(token)).toEqual(claims);
  expect(looksLikeToken(token)).toBe(true);
  await expect(tokens.check(token, 'prosody')).rejects.toEqual(invalid);
});

it('opens for 60 seconds', async () => {
  const { token } = await tokens.mint('ada', 'ergo');
  vi.setSystemTime(NOW + 59_000);
  expect(await tokens.check(token, 'ergo')).toBe('ada');
  vi.setSystemTime(NOW + 60_000);
  await expect(tokens.check(token, 'ergo')).rejects.toEqual(invalid);
});

it('is told from one that another made', async () => {
  expect(await tokens.check(sign({ alg: 'HS256' }, claims), 'ergo')).toBe('ada');
  const forged = {
    'another key': sign({ alg: 'HS256' }, claims, randomBytes(32)),
    'no signature at all': `${part({ alg: 'none' })}.${part(claims)}.`,
    'the algorithm “none” over a good signature': sign({ alg: 'none' }, claims),
    'another algorithm with the key': sign({ alg: 'HS512' }, claims, key, 'sha512'),
    'another issuer': sign({ alg: 'HS256' }, { ...claims, iss: 'somebody' }),
    'no issuer': sign({ alg: 'HS256' }, { ...claims, iss: undefined }),
    'no audience': sign({ alg: 'HS256' }, { ...claims, aud: undefined }),
    'no expiry': sign({ alg: 'HS256' }, { ...claims, exp: undefined }),
    'no account': sign({ alg: 'HS256' }, { ...claims, account: undefined }),
    'an account that is no name': sign({ alg: 'HS256' }, { ...claims, account: { toString: 'ada' } }),
    nothing: '',
    'no token': 'a password',
  };
  for (const [what, token] of Object.entries(forged)) await expect(tokens.check(token, 'ergo'), what).rejects.toEqual(invalid);
});

it('cannot be changed', async () => {
  const { token } = await tokens.mint('ada', 'ergo');
  const [header, , signature] = token.split('.');
  await expect(tokens.check(`${header}.${part({ ...claims, account: 'eve' })}.${signature}`, 'ergo')).rejects.toEqual(invalid);
});

it.each(['', 'hunter2', 'a.b.c', 'eyJhbGciOi.x', 'eyJ hbGci.a.b', 'correct.horse.battery'])('“%s” does not look like one', (password) => {
  expect(looksLikeToken(password)).toBe(false);
});
