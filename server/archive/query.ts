/** What a search box says, taken apart. */
export interface SearchQuery {
  /** Each must occur, as it stands, anywhere in the text; upper and lower case are the same. */
  readonly terms: readonly string[];
  /** Any of these accounts or nicks, lower case. */
  readonly from: readonly string[];
  /** Any of these channels, without `#`, lower case. */
  readonly in: readonly string[];
  /** Milliseconds; the moment itself excluded. */
  readonly before?: number;
  /** Milliseconds; the moment itself included. */
  readonly after?: number;
  readonly hasLink: boolean;
  readonly hasFile: boolean;
}

export const LONGEST_QUERY = 300;
const MOST_WORDS = 12;
const DAY = 24 * 3_600_000;
const word = /(?:([a-z]+):)?(?:"([^"]*)"?|(\S+))/gi;

/**
 * `from:bob in:general before:2026-02-01 after:2026-01-01 has:link has:file "two words" hello`. Days are UTC and stand outside the
 * range they bound. An operator that does not fit is searched for as text, so no query is an error.
 */
export function parseQuery(text: string): SearchQuery {
  const query = { terms: [] as string[], from: [] as string[], in: [] as string[], hasLink: false, hasFile: false };
  const times: { before?: number; after?: number } = {};
  const words = [...text.replaceAll('\0', '').slice(0, LONGEST_QUERY).matchAll(word)].slice(0, MOST_WORDS);
  for (const [whole, operator, quoted, plain] of words) {
    const value = quoted ?? plain ?? '';
    if (!applyOperator(query, times, operator?.toLowerCase(), value)) addTerm(query.terms, operator === undefined ? value : whole);
  }
  return { ...query, ...times };
}

function addTerm(terms: string[], term: string): void {
  const trimmed = term.trim().normalize('NFC');
  if (trimmed !== '') terms.push(trimmed);
}

/** False if it is no operator after all. */
function applyOperator(
  query: { from: string[]; in: string[]; hasLink: boolean; hasFile: boolean },
  times: { before?: number; after?: number },
  operator: string | undefined,
  value: string,
): boolean {
  if (operator === undefined || value === '') return false;
  if (operator === 'from') query.from.push(value.replace(/^@/, '').toLowerCase());
  else if (operator === 'in') query.in.push(value.replace(/^#/, '').normalize('NFKC').toLowerCase());
  else if (operator === 'has' && /^links?$/i.test(value)) query.hasLink = true;
  else if (operator === 'has' && /^files?$/i.test(value)) query.hasFile = true;
  else if ((operator === 'before' || operator === 'after') && timeOf(value) !== undefined) {
    times[operator] = operator === 'after' && isDay(value) ? (timeOf(value) as number) + DAY : timeOf(value);
  } else return false;
  return true;
}

function isDay(value: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(value);
}

function timeOf(value: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d)?)?$/i.test(value)) return undefined;
  const time = Date.parse(value);
  return Number.isNaN(time) ? undefined : time;
}
