import { describe, expect, it } from 'vitest';
import { addressableName } from './addresses.ts';

describe('on IRC', () => {
  it.each(['general', 'a-b_c.d', '2026', '日本語', 'straße-1', 'हिन्दी', 'ภาษาไทย', 'привет', 'שלום-עולם', 'א-1', 'كتاب٣', '한국어'])(
    '%s stays as it is',
    (name) => {
      expect(addressableName('irc', name)).toBe(name);
    },
  );

  it.each(['1א', 'a-א', 'עברית-abc', '١', 'א-', 'ا1٣', 'kosmos.כללי', 'ᄀ', '𐅀'])('%s is not taken', (name) => {
    expect(addressableName('irc', name)).toBeUndefined();
  });
});

describe('on XMPP', () => {
  it.each([
    ['straße', 'strasse'],
    ['λόγος', 'λόγοσ'],
    ['café_日本-2', 'café_日本-2'],
    ['orbit.general', 'orbit.general'],
  ])('%s is folded to %s', (name, address) => {
    expect(addressableName('xmpp', name)).toBe(address);
  });

  it.each(['שלום2', '٤٢', 'kosmos.כללי'])('%s is not taken', (name) => {
    expect(addressableName('xmpp', name)).toBeUndefined();
  });
});
