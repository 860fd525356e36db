import type { Home } from '../database/schema.ts';

/** Letters, digits and marks of scripts that are written from right to left. */
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
/** Characters that RFC 3454 (table B.1) maps to nothing. */
const dropped = /[\u034f\u180b-\u180d\ufe00-\ufe0f]/g;
/** What PRECIS (RFC 8264, 9.1) takes as it is; old Hangul jamo are letters too, and are not taken. */
const characters = /^[\p{Ll}\p{Lo}\p{Nd}\p{Mn}\p{Mc}._-]+$/u;
const jamo = /[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]/u;

/**
 * A channel's name as its server can hold it in an address, or undefined if it cannot. XMPP servers fold localparts (`straße` and
 * `strasse` are one, RFC 3454 table B.2) and let no letters from right to left stand beside others (6): the address is what remains
 * unchanged by that, so that every party writes the same.
 */
export function addressableName(home: Home, name: string): string | undefined {
  if (home === 'irc') return fitsIrc(name) ? name : undefined;
  return rightToLeft.test(name) ? undefined : fold(name) || undefined;
}

/** Letter by letter, for toLowerCase writes a Greek sigma at the end of a word in another way. */
function fold(name: string): string {
  const folded = Array.from(name.toUpperCase(), (letter) => letter.toLowerCase()).join('');
  return folded.replace(dropped, '').normalize('NFKC');
}

/** Whether Ergo (casemapping precis) takes a name as it is. */
function fitsIrc(name: string): boolean {
  return characters.test(name) && !jamo.test(name) && (!rightToLeft.test(name) || followsBidiRule(name));
}

/** RFC 5893, section 2, for a name with characters from right to left: they begin and end it, and no letter of another direction is in it. */
function followsBidiRule(name: string): boolean {
  const letters = [...name].filter((character) => /\p{L}/u.test(character));
  const [first = ''] = name;
  const last = [...name].findLast((character) => !/\p{Mn}/u.test(character)) ?? '';
  const digits = [/[0-9\u06f0-\u06f9]/.test(name), /[\u0660-\u0669]/.test(name)];
  return (
    /\p{L}/u.test(first) && letters.every((letter) => rightToLeft.test(letter)) && /[\p{L}\p{Nd}]/u.test(last) && !digits.every(Boolean)
  );
}
