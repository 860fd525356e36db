import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { catalogue, type ErrorCode } from './error-catalogue.ts';
import { isKosmosError, KosmosError, messageOf } from './errors.ts';
import { errorDocs } from './write-error-docs.ts';

const root = path.join(import.meta.dirname, '../..');
const entries = Object.entries(catalogue) as [ErrorCode, { status: number; message: string }][];
const placeholders = (message: string): string[] => [...message.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);

describe.each(entries)('%s', (code, { status, message }) => {
  it('is a sentence with a status of HTTP', () => {
    expect(message).toMatch(/^[\p{Lu}“{].*[.}]$/u);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
  });

  it('fills every placeholder', () => {
    const details = Object.fromEntries(placeholders(message).map((name) => [name, `<${name}>`]));
    const error = new KosmosError(code, details);
    expect(error.message).not.toMatch(/[{}]/);
    for (const value of Object.values(details)) expect(error.message).toContain(value);
    expect(error.message).not.toContain('undefined');
  });
});

/** `new KosmosError('CODE')`, and with details that are written out there. */
const thrown = /new KosmosError\(\s*'(KOSMOS_ERR_\w+)'(?:\)|,\s*(\{[^{}]*\}))/g;
/** The names in `{ name, reason: messageOf(error) }`. */
const namesIn = (details: string): string[] => [...details.matchAll(/[{,]\s*(\w+)\s*(?=[:,}])/g)].map(([, name]) => name!);

it('is thrown with the details that its sentence needs, wherever it is thrown', () => {
  const sources = readdirSync(path.join(root, 'server'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.includes('.test') && !/(^|\/)(dist|node_modules)\//.test(file))
    .map((file) => ({ file, text: readFileSync(path.join(root, 'server', file), 'utf8').replace(/`[^`]*`/g, "''") }));
  const found = sources.flatMap(({ file, text }) => [...text.matchAll(thrown)].map((match) => ({ file, match })));
  expect(found.length).toBeGreaterThan(40);
  for (const { file, match } of found) {
    const [, code, details = '{}'] = match;
    const missing = placeholders(catalogue[code as ErrorCode].message).filter((name) => !namesIn(details).includes(name));
    expect({ file, code, missing }).toEqual({ file, code, missing: [] });
  }
});

it('leaves the appliance without stack or cause', () => {
  const error = new KosmosError('KOSMOS_ERR_NAME_TAKEN', { name: 'ada' }, { cause: new Error('UNIQUE constraint failed: accounts.name') });
  expect(JSON.parse(JSON.stringify(error))).toEqual({
    code: 'KOSMOS_ERR_NAME_TAKEN',
    message: 'The name “ada” is taken. Choose another.',
    details: { name: 'ada' },
  });
  expect(JSON.parse(JSON.stringify(new KosmosError('KOSMOS_ERR_CREDENTIALS')))).not.toHaveProperty('details');
  expect(error.status).toBe(409);
});

it('does not take what a detail holds for a placeholder', () => {
  expect(new KosmosError('KOSMOS_ERR_NAME_TAKEN', { name: '{name} $& $1' }).message).toBe(
    'The name “{name} $& $1” is taken. Choose another.',
  );
});

it('is told from other errors', () => {
  const error = new KosmosError('KOSMOS_ERR_CREDENTIALS');
  expect(isKosmosError(error)).toBe(true);
  expect(isKosmosError(error, 'KOSMOS_ERR_CREDENTIALS')).toBe(true);
  expect(isKosmosError(error, 'KOSMOS_ERR_FORBIDDEN')).toBe(false);
  expect(isKosmosError(new Error('KOSMOS_ERR_CREDENTIALS'))).toBe(false);
  expect(messageOf('plain')).toBe('plain');
  expect(messageOf(new Error('thrown'))).toBe('thrown');
});

it('stands in docs/develop/errors.md', () => {
  expect(readFileSync(path.join(root, 'docs/develop/errors.md'), 'utf8')).toBe(errorDocs);
});
