import { expect, it } from 'vitest';
import { parseQuery } from './query.ts';

const empty = { terms: [], from: [], in: [], hasLink: false, hasFile: false };

it('takes operators and words apart', () => {
  expect(parseQuery('from:@Bob in:#General has:link has:file hello "two words" World')).toEqual({
    ...{ terms: ['hello', 'two words', 'World'], from: ['bob'], in: ['general'] },
    ...{ hasLink: true, hasFile: true },
  });
});

it('leaves days outside the range that they bound', () => {
  expect(parseQuery('after:2026-01-01 before:2026-02-01')).toEqual({
    ...empty,
    after: Date.parse('2026-01-02T00:00:00Z'),
    before: Date.parse('2026-02-01T00:00:00Z'),
  });
  expect(parseQuery('after:2026-01-01T10:00:00Z').after).toBe(Date.parse('2026-01-01T10:00:00Z'));
});

it('searches for what looks like an operator and is none', () => {
  expect(parseQuery('https://example.org before:tomorrow has:fun c: foo:"a b" 14:30').terms).toEqual([
    ...['https://example.org', 'before:tomorrow', 'has:fun', 'c:', 'foo:"a b"', '14:30'],
  ]);
});

it('takes an unclosed quote to the end, and is bounded', () => {
  expect(parseQuery('"never closed').terms).toEqual(['never closed']);
  expect(parseQuery('a '.repeat(500)).terms).toHaveLength(12);
  expect(parseQuery('""')).toEqual(empty);
});
