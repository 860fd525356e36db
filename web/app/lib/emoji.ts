/** `[emoji, group, name, words that find it, short name]` */
export type Emoji = readonly [string, number, string, string, string];

const loaders = { en: () => import('emoji:en'), de: () => import('emoji:de') };
const loaded = new Map<string, readonly Emoji[]>();

/** All emoji with their names in a language; loaded when somebody first wants one. */
export async function loadEmoji(language: 'en' | 'de'): Promise<readonly Emoji[]> {
  const present = loaded.get(language);
  if (present) return present;
  const { default: list } = await loaders[language]();
  loaded.set(language, list);
  return list;
}

export function searchEmoji(list: readonly Emoji[], query: string, limit: number): Emoji[] {
  const words = query.toLowerCase().trim();
  const begins: Emoji[] = [];
  const holds: Emoji[] = [];
  for (const emoji of list) {
    const [, , name, tags, short] = emoji;
    if (short.startsWith(words) || name.toLowerCase().startsWith(words)) begins.push(emoji);
    else if (` ${short} ${name} ${tags}`.toLowerCase().includes(` ${words}`) || short.includes(words)) holds.push(emoji);
    if (begins.length >= limit) break;
  }
  return [...begins.sort((one, other) => one[4].length - other[4].length), ...holds].slice(0, limit);
}

/** `:tada:` → 🎉, where the list is loaded; code stays as it is. */
export function replaceShortNames(text: string): string {
  const list = loaded.get('en') ?? loaded.get('de');
  if (!list || !text.includes(':')) return text;
  return text.replace(/(`[^`]*`)|:([a-z0-9_+-]{2,40}):/g, (whole, code: string | undefined, short: string) => {
    if (code) return whole;
    return list.find((emoji) => emoji[4] === short)?.[0] ?? whole;
  });
}
