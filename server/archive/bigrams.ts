import { sql } from 'kysely';
import { dialectIn, type Queries } from '../database/database.ts';

/**
 * Chinese, Japanese and Korean write most words with one or two characters and without spaces: below what trigrams know. So each pair
 * of neighbours is a word of an index of its own, and the last character of a run a word by itself; a single character is found as the
 * beginning of pairs. The migration 0012-archive has the same ranges.
 */
const ranges = [
  ...([
    [0x3005, 0x3007],
    [0x3040, 0x30ff],
    [0x3400, 0x4dbf],
    [0x4e00, 0x9fff],
    [0xac00, 0xd7af],
  ] as const),
  ...([
    [0xf900, 0xfaff],
    [0xff66, 0xff9f],
    [0x20000, 0x3ffff],
  ] as const),
] as const;

const digits = (code: number): string => `\\u{${code.toString(16)}}`;
const run = new RegExp(`[${ranges.map(([first, last]) => `${digits(first)}-${digits(last)}`).join('')}]+`, 'gu');

/** Each once. */
export function bigramsOf(text: string): string[] {
  const found = new Set<string>();
  for (const [characters] of text.matchAll(run)) {
    const all = [...characters];
    for (const [index, character] of all.entries()) found.add(character + (all[index + 1] ?? ''));
  }
  return [...found];
}

/** What a term of one or two characters has for the index: a pair, or the beginning of one; undefined if the index does not know it. */
export function bigramIn(term: string): string | undefined {
  return term.match(run)?.[0];
}

/** FTS5's token of a channel (see 0005-archive): three characters of a private area, the last of which has no other use. */
export function channelToken(number: number): string {
  return String.fromCodePoint(57_344 + Math.floor(number / 6_400), 57_344 + (number % 6_400), 63_743);
}

export interface Indexed {
  readonly position: number;
  readonly channel: number;
  readonly text: string;
}

/** Puts spoken messages into the index. Removing a message from the archive removes it from there too. */
export async function indexBigrams(queries: Queries, messages: readonly Indexed[]): Promise<void> {
  for (const { position, channel, text } of messages) {
    const bigrams = bigramsOf(text);
    if (bigrams.length === 0) continue;
    const insert =
      dialectIn(queries) === 'postgres'
        ? sql`insert into message_bigrams (position, channel, bigrams) values (${position}, ${channel}, array_to_tsvector(${bigrams}))`
        : sql`insert into message_bigrams (rowid, bigrams, channel) values (${sql.raw(String(position))}, ${bigrams.join(' ')}, ${channelToken(channel)})`;
    await insert.execute(queries);
  }
}

/** After a message's text changed. */
export async function renewBigrams(queries: Queries, message: Indexed): Promise<void> {
  const key = dialectIn(queries) === 'postgres' ? sql`position` : sql`rowid`;
  await sql`delete from message_bigrams where ${key} = ${sql.raw(String(message.position))}`.execute(queries);
  await indexBigrams(queries, [message]);
}
