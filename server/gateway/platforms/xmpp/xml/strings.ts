/** Copies that are kept for sharing; beyond this the table is begun anew, so that a peer cannot fill memory with names. */
const MOST = 20_000;
let shared = new Map<string, string>();

/**
 * The same text as a string of its own, shared by all who keep it. A piece cut from a larger string holds on to all of that in V8:
 * one kept nick would keep its whole stanza, in every session that saw it.
 */
export function flatten(text: string): string {
  const known = shared.get(text);
  if (known !== undefined) return known;
  if (shared.size >= MOST) shared = new Map();
  const copy = Buffer.from(text, 'utf8').toString('utf8');
  shared.set(copy, copy);
  return copy;
}
