/** Letters, digits and marks of scripts that are written from right to left. */
const rightToLeft = /[\u0590-\u08ff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
/** What PRECIS (RFC 8264, 9.1) takes as it is; old Hangul jamo are letters too, and are not taken. */
const characters = /^[\p{Ll}\p{Lo}\p{Nd}\p{Mn}\p{Mc}._-]+$/u;
const jamo = /[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]/u;

/** Whether IRC (Ergo, casemapping precis) and XMPP (RFC 7622, localpart) both take a name as the address of a channel. */
export function isAddress(name: string): boolean {
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
