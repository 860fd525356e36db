import { describe, expect, it } from 'vitest';
import { linesOf, readText, splitBytes, writeText } from './text.ts';

describe('splitBytes', () => {
  it('never cuts a character and loses nothing', () => {
    const text = 'Grüße, 世界! 👩‍👩‍👧 '.repeat(40);
    for (const limit of [8, 13, 64, 400]) {
      const pieces = splitBytes(text, limit);
      expect(pieces.join('')).toBe(text);
      expect(pieces.join('')).not.toContain('\ufffd');
      for (const piece of pieces) expect(Buffer.byteLength(piece)).toBeLessThanOrEqual(limit);
    }
  });

  it('cuts at a space where one is near', () => {
    expect(splitBytes('hello brave new world', 12)).toEqual(['hello brave ', 'new world']);
  });
});

describe('texts', () => {
  it('reads and writes actions', () => {
    expect(readText('PRIVMSG', writeText('me', 'waves'))).toEqual({ kind: 'me', content: 'waves' });
    expect(readText('NOTICE', 'hi')).toEqual({ kind: 'notice', content: 'hi' });
    expect(readText('PRIVMSG', '\u0001VERSION\u0001')).toBeUndefined();
  });

  it('lets no text begin a CTCP or hide a line end', () => {
    expect(linesOf('a\r\nb\n\nc\u0001\0')).toEqual(['a', 'b', '', 'c']);
  });
});
