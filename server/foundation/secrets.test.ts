import { fork } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadKey, loadSecret } from './secrets.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(path.join(os.tmpdir(), 'kosmos-secrets-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const fileOf = (name: string): string => path.join(folder, 'secrets', name);
const modeOf = (file: string): number => statSync(file).mode & 0o777;

it('makes a secret of 32 bytes once, for nobody else to read', () => {
  const secret = loadSecret(folder, 'internal');
  expect(secret).toMatch(/^[\w-]{43}$/);
  expect(loadSecret(folder, 'internal')).toBe(secret);
  expect(loadKey(folder, 'internal')).toEqual(Buffer.from(secret, 'base64url'));
  expect(loadSecret(folder, 'jwt')).not.toBe(secret);
  expect(modeOf(fileOf('internal'))).toBe(0o600);
  expect(modeOf(path.join(folder, 'secrets'))).toBe(0o700);
  expect(readdirSync(path.join(folder, 'secrets')).sort()).toEqual(['internal', 'jwt']);
});

it('closes a file that a restored backup left open', () => {
  const secret = loadSecret(folder, 'internal');
  chmodSync(fileOf('internal'), 0o644);
  expect(loadSecret(folder, 'internal')).toBe(secret);
  expect(modeOf(fileOf('internal'))).toBe(0o600);
});

it('takes a final newline, as an editor leaves it', () => {
  const secret = loadSecret(folder, 'setup');
  writeFileSync(fileOf('setup'), `${secret}\n`);
  expect(loadSecret(folder, 'setup')).toBe(secret);
});

it.each([
  ['empty', ''],
  ['cut short', 'AAAA'],
  ['no base64url', '!'.repeat(43)],
])('says which secret is damaged: %s', (_, content) => {
  loadSecret(folder, 'jwt');
  writeFileSync(fileOf('jwt'), content);
  expect(() => loadSecret(folder, 'jwt')).toThrow(
    expect.objectContaining({ code: 'KOSMOS_ERR_SECRET_UNREADABLE', details: expect.objectContaining({ secret: 'jwt' }) }),
  );
  expect(readFileSync(fileOf('jwt'), 'utf8')).toBe(content);
});

it('gives processes that ask at once one and the same secret', async () => {
  const program = path.join(import.meta.dirname, 'secrets.test-support.ts');
  const children = Array.from({ length: 3 }, () => fork(program, [folder], { execArgv: ['--import', 'tsx'] }));
  await Promise.all(children.map((child) => once(child, 'message')));
  const answers = children.map((child) => once(child, 'message'));
  for (const child of children) child.send('go');
  const secrets = (await Promise.all(answers)).map(([secret]) => secret as string);
  await Promise.all(children.map((child) => once(child, 'exit')));
  expect(new Set(secrets)).toEqual(new Set([loadSecret(folder, 'internal')]));
});
