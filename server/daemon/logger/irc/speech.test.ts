import { expect, it } from 'vitest';
import { relayed } from './speech.ts';

it('makes a nick that no person can have', () => {
  expect(relayed({ name: 'GitHub', text: 'x' }, 'kosmos').nick).toBe('GitHub/kosmos');
  expect(relayed({ name: '  1: Build & Deploy! ', text: 'x' }, 'kosmos').nick).toBe('Build-Deploy/kosmos');
  expect(relayed({ name: '///', text: 'x' }, 'kosmos').nick).toBe('webhook/kosmos');
});

it('says it line by line, none too long, and nothing that is another command', () => {
  const { lines } = relayed({ name: 'x', text: `one\r\nPRIVMSG #other :two\n\n${'wörter '.repeat(100)}\u0001\0` }, 'kosmos');
  expect(lines.slice(0, 2)).toEqual(['one', 'PRIVMSG #other :two']);
  expect(
    lines.every((line) => Buffer.byteLength(line) <= 380 && !['\r', '\n', '\0', '\u0001'].some((forbidden) => line.includes(forbidden))),
  ).toBe(true);
  expect(lines.slice(2).join(' ')).toBe('wörter '.repeat(100).trim());
  expect(relayed({ name: 'x', text: '長'.repeat(300) }, 'kosmos').lines.join('')).toBe('長'.repeat(300));
  expect(relayed({ name: 'x', text: 'y\n'.repeat(90) }, 'kosmos').lines).toHaveLength(25);
});
