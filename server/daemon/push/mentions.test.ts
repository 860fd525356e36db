import { expect, it } from 'vitest';
import { mentionedIn } from './mentions.ts';

const people = ['alice', 'bob', 'mary-ann'].map((name) => ({ accountId: name, name, role: 'member' as const }));
const mentioned = (text: string, account = 'zoe'): string[] =>
  mentionedIn({ text, nick: account, account }, people).map(({ name }) => name);

it.each([
  ['alice: look', ['alice']],
  ['thanks, @Bob!', ['bob']],
  ['ask Mary-Ann or ALICE', ['alice', 'mary-ann']],
  ['malice and bobby, mary', []],
  ['(alice)', ['alice']],
  ['to alice- and -bob', ['alice', 'bob']],
  ['@channel lunch', ['alice', 'bob', 'mary-ann']],
  ['mail me@all.example', []],
  ['all of you', []],
])('“%s” speaks to %j', (text, names) => {
  expect(mentioned(text)).toEqual(names);
});

it('never tells the sender', () => {
  expect(mentioned('@all, says alice', 'alice')).toEqual(['bob', 'mary-ann']);
});
