import { expect, it } from 'vitest';
import { isAddress } from './addresses.ts';

it.each(['general', 'a-b_c.d', '2026', '日本語', 'straße-1', 'हिन्दी', 'ภาษาไทย', 'привет', 'שלום-עולם', 'א-1', 'كتاب٣', '한국어'])(
  'takes %s',
  (name) => {
    expect(isAddress(name)).toBe(true);
  },
);

it.each(['1א', 'a-א', 'עברית-abc', '١', 'א-', 'ا1٣', 'kosmos.כללי', 'ᄀ', '𐅀'])('does not take %s', (name) => {
  expect(isAddress(name)).toBe(false);
});
