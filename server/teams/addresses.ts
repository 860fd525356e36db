import type { Home } from '../database/schema.ts';

/** Blocks of scripts that run from right to left; RFC 3454 (6) lets their letters stand beside no others in one localpart. */
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
/** Characters that RFC 3454 (table B.1) maps to nothing. */
const dropped = /[\u034f\u180b-\u180d\ufe00-\ufe0f]/g;

/**
 * A channel's name as its server can hold it in an address. XMPP servers fold localparts (`straße` and `strasse` are one, RFC 3454
 * table B.2) and refuse some: the address is what remains unchanged by that, so that every party writes the same.
 */
export function addressableName(home: Home, name: string, channelId: string): string {
  if (home === 'irc') return name;
  const plain = `channel-${channelId.slice(0, 8)}`;
  if (rightToLeft.test(name)) return plain;
  return fold(name) || plain;
}

/** Letter by letter, for toLowerCase writes a Greek sigma at the end of a word in another way. */
function fold(name: string): string {
  const folded = Array.from(name.toUpperCase(), (letter) => letter.toLowerCase()).join('');
  return folded.replace(dropped, '').normalize('NFKC');
}
