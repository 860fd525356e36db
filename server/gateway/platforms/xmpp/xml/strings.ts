/** Copies of strings for all who keep them, as long as somebody asks for them now and then, within so many characters. */
class SharedStrings {
  readonly #most: number;
  #recent = new Map<string, string>();
  #older = new Map<string, string>();
  #size = 0;

  constructor(mostCharacters: number) {
    // There are two tables, so that one can be dropped whole while the other has what is still asked for.
    this.#most = mostCharacters / 2;
  }

  share(text: string): string {
    const known = this.#recent.get(text);
    if (known !== undefined) return known;
    const copy = this.#older.get(text) ?? Buffer.from(text, 'utf8').toString('utf8');
    if (this.#size + copy.length > this.#most) {
      this.#older = this.#recent;
      this.#recent = new Map();
      this.#size = 0;
    }
    this.#size += copy.length;
    this.#recent.set(copy, copy);
    return copy;
  }
}

/** Enough for the occupants of the largest rooms; a peer cannot fill memory with names. */
const names = new SharedStrings(1_000_000);
/** Enough for what all members of the rooms are told within a moment. */
const ids = new SharedStrings(64_000);

/**
 * The same text as a string of its own, shared by all who keep it. A piece cut from a larger string holds on to all of that in V8:
 * one kept nick would keep its whole stanza, in every session that saw it.
 */
export function flatten(text: string): string {
  return names.share(text);
}

/** The same for the id of a message, which nobody asks for again once all have seen it. */
export function flattenId(id: string): string {
  return ids.share(id);
}
