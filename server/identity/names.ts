import { KosmosError } from '../foundation/errors.ts';

/** The appliance's own bot: it is in every channel, keeps the archive and speaks for webhooks. */
export const BOT_NAME = 'kosmos';

/** A letter, then letters, digits, `-` or `_`: fits an IRC nick (Ergo), a PRECIS localpart (RFC 7622) and a remoteStorage address alike. */
const shape = /^[a-z][a-z0-9_-]{1,29}$/;

/**
 * Names that a server uses for itself, or that could pass for one: IRC services, mail roles (RFC 2142), our own bot. None has a digit, so
 * that what looks like one of them is found by its `lookalike`.
 */
const reserved = new Set(
  `abuse admin administrator all anonymous authserv bot botserv channel chanserv everyone gateway global
  here help helpserv histserv hostmaster hostserv irc kosmos localhost memoserv nickserv nobody noreply null
  oper operator operserv postmaster prosody rooms root security server service services statserv system
  undefined webmaster www xmpp`.split(/\s+/),
);

/** The name as it is stored: lower case. Throws KOSMOS_ERR_NAME_INVALID or KOSMOS_ERR_NAME_RESERVED. */
export function checkName(text: string): string {
  const name = normaliseName(text);
  if (!shape.test(name)) throw new KosmosError('KOSMOS_ERR_NAME_INVALID', { name: text.slice(0, 40) });
  if (reserved.has(lookalike(name))) throw new KosmosError('KOSMOS_ERR_NAME_RESERVED', { name });
  return name;
}

/** For looking up: no check, so that a wrong name is simply not found. */
export function normaliseName(text: string): string {
  return text.trim().toLowerCase();
}

/** Ergo takes names that look alike for the same (0 and o, 1 and l), and so do people. */
export function lookalike(name: string): string {
  return name.replaceAll('0', 'o').replaceAll('1', 'l');
}
