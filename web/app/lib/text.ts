/** A stable hue of twelve for a name: the same person has the same colour everywhere. */
export function hueOf(name: string): number {
  let hash = 2166136261;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 16777619);
  return (hash >>> 8) % 12;
}

export function initialsOf(name: string): string {
  const words = name
    .replace(/^[#@&+!]+/, '')
    .split(/[\s._-]+/)
    .filter(Boolean);
  const first = [...(words[0] ?? '?')];
  const second = words[1] ? [...words[1]][0] : undefined;
  return (second ? `${first[0]}${second}` : first.slice(0, 1).join('')).toUpperCase();
}

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character] as string);
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

const everybody = /(^|[^\p{L}\p{N}_-])@(?:all|channel|everyone|here|room)(?![\p{L}\p{N}_-])/iu;

/** Whether `text` speaks of `name` as a word of its own, in any case, with or without an @, or of everybody. */
export function mentions(text: string, name: string): boolean {
  if (text.includes('@') && everybody.test(text)) return true;
  if (!name || !text.toLowerCase().includes(name.toLowerCase())) return false;
  return new RegExp(`(^|[^\\p{L}\\p{N}_-])@?${escapeRegExp(name)}(?![\\p{L}\\p{N}_-])`, 'iu').test(text);
}

/** Rank of `query` as letters in order in `text`: higher is better, 0 is no match. */
export function matchRank(text: string, query: string): number {
  if (!query) return 1;
  const hay = text.toLowerCase();
  const needle = query.toLowerCase();
  const at = hay.indexOf(needle);
  if (at === 0) return hay.length === needle.length ? 100 : 90;
  if (at > 0) return /[\s._-]/.test(hay[at - 1] as string) ? 70 : 50;
  let from = 0;
  for (const letter of needle) {
    from = hay.indexOf(letter, from) + 1;
    if (from === 0) return 0;
  }
  return 10;
}

export function bestMatches<T>(items: readonly T[], query: string, textOf: (item: T) => string, limit: number): T[] {
  return items
    .map((item) => ({ item, rank: matchRank(textOf(item), query) }))
    .filter(({ rank }) => rank > 0)
    .sort((one, other) => other.rank - one.rank)
    .slice(0, limit)
    .map(({ item }) => item);
}

export function formatBytes(size: number, locale: string): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'];
  const step = Math.min(units.length - 1, Math.floor(Math.log(Math.max(size, 1)) / Math.log(1000)));
  const format = { style: 'unit', unit: units[step] as string, unitDisplay: 'short', maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(locale, format).format(size / 1000 ** step);
}

/** The first web address in a text, outside code. */
export function firstLink(text: string): string | undefined {
  if (!text.includes('://')) return undefined;
  const plain = text.replace(/```[\s\S]*?(?:```|$)|`[^`]*`/g, ' ');
  return /https?:\/\/[^\s<>()"'\]]{4,}/.exec(plain)?.[0].replace(/[.,;:!?]+$/, '');
}

/** A text in pieces: those that a search asked for, and those between. Words with a colon narrow the search and stand in no text. */
export function hitsIn(text: string, query: string): { text: string; isHit: boolean }[] {
  const words = [...query.matchAll(/"([^"]+)"|(\S+)/g)]
    .map(([, phrase, word]) => phrase ?? word ?? '')
    .filter((word) => !/^\w+:/.test(word));
  if (words.length === 0) return [{ text, isHit: false }];
  const pattern = new RegExp(`(${words.map(escapeRegExp).join('|')})`, 'gi');
  return text.split(pattern).map((piece, i) => ({ text: piece, isHit: i % 2 === 1 }));
}
