import type { NewMessage } from '../../archive/message.ts';
import { senderOf } from '../../archive/message.ts';
import type { Occupant } from '../../teams/access.ts';

const everybody = /(^|[^\p{L}\p{N}_])@(all|channel|everyone|here|room)(?![\p{L}\p{N}_])/iu;

/** A name has 30 characters, and some hyphens may stand around it. */
const LONGEST_WORD = 64;

/** Who of the channel a message speaks to: named as a word of its own, with `@` or without, or all together. Never its sender. */
export function mentionedIn(message: Pick<NewMessage, 'text' | 'nick' | 'account'>, occupants: readonly Occupant[]): Occupant[] {
  const others = occupants.filter(({ name }) => name !== senderOf(message));
  if (everybody.test(message.text)) return others;
  const found = message.text.toLowerCase().match(/[\p{L}\p{N}_-]+/gu) ?? [];
  const words = new Set(found.filter((word) => word.length <= LONGEST_WORD));
  // A hyphen may belong to the name or to the sentence: “alice-” and “-alice” are Alice.
  for (const word of [...words]) words.add(word.replace(/^-+|-+$/g, ''));
  return others.filter(({ name }) => words.has(name));
}
