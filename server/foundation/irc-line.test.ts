import { describe, expect, it } from 'vitest';
import { formatLine, parseLine } from './irc-line.ts';

describe('parseLine', () => {
  it('reads tags, source, command and parameters', () => {
    expect(parseLine('@label=7;+x=a\\sb\\:;flag :nick!u@host notice #c one :two  :three')).toEqual({
      tags: { label: '7', '+x': 'a b;', flag: '' },
      source: 'nick!u@host',
      command: 'NOTICE',
      parameters: ['#c', 'one', 'two  :three'],
    });
  });

  it('keeps an empty last parameter and colons inside of words', () => {
    expect(parseLine(':s 332 me #c :')?.parameters).toEqual(['me', '#c', '']);
    expect(parseLine('MODE #c a:b')?.parameters).toEqual(['#c', 'a:b']);
    expect(parseLine('PING :x y')?.parameters).toEqual(['x y']);
  });

  it('knows what is no line', () => {
    expect(parseLine('')).toBeUndefined();
  });
});

describe('formatLine', () => {
  it('sends back what it reads', () => {
    const line = formatLine('TOPIC', '#c', ': with colon and words');
    expect(parseLine(line)?.parameters).toEqual(['#c', ': with colon and words']);
    expect(formatLine('TOPIC', '#c', '')).toBe('TOPIC #c :');
  });

  it.each([['a\r\nQUIT'], ['a\0b'], ['two words', 'last'], ['', 'last'], [':colon', 'last']])(
    'refuses what would be another line: %j',
    (...parameters) => {
      expect(() => formatLine('NICK', ...parameters)).toThrow('does not fit');
    },
  );
});
