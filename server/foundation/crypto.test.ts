import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { equalSecrets, hashToken, newId, newToken, seal, unseal } from './crypto.ts';

const key = randomBytes(32);

it.each(['', 'hunter2', 'Σίσυφος 🪨', 'x'.repeat(10_000)])('what was sealed opens again', (text) => {
  expect(unseal(seal(text, key, 'row 1'), key, 'row 1')).toBe(text);
});

it('never seals the same twice', () => {
  expect(seal('hunter2', key, 'row 1')).not.toBe(seal('hunter2', key, 'row 1'));
});

it('opens by no other key and in no other place', () => {
  const sealed = seal('hunter2', key, 'row 1');
  expect(() => unseal(sealed, randomBytes(32), 'row 1')).toThrow();
  expect(() => unseal(sealed, key, 'row 2')).toThrow();
});

it('opens with no bit changed, and not in part', () => {
  const sealed = Buffer.from(seal('hunter2', key, 'row 1'), 'base64url');
  for (let index = 0; index < sealed.length; index++) {
    const changed = Buffer.from(sealed);
    changed[index]! ^= 1;
    expect(() => unseal(changed.toString('base64url'), key, 'row 1')).toThrow();
  }
  for (const length of [0, 12, 20, sealed.length - 1]) {
    expect(() => unseal(sealed.subarray(0, length).toString('base64url'), key, 'row 1')).toThrow();
  }
});

it('compares secrets of any length', () => {
  expect(equalSecrets('a secret', 'a secret')).toBe(true);
  for (const other of ['', 'a secreT', 'a secret ', 'a secre']) expect(equalSecrets(other, 'a secret')).toBe(false);
});

it('makes tokens of 256 bits and keeps what does not open anything', () => {
  const tokens = Array.from({ length: 100 }, newToken);
  expect(new Set(tokens).size).toBe(100);
  for (const token of tokens) expect(Buffer.from(token, 'base64url')).toHaveLength(32);
  // NIST's example of SHA-256 for “abc”.
  expect(Buffer.from(hashToken('abc'), 'base64url').toString('hex')).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
  expect(newId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
