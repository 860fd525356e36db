/** What a page says of itself (https://ogp.me, else its title and description). */
export interface Preview {
  readonly title: string;
  readonly description: string | null;
  readonly siteName: string | null;
  /** Address of a picture, absolute. */
  readonly image: string | null;
}

const LONGEST = { title: 200, description: 400, siteName: 80 };
const MOST_TAGS = 200;
const LONGEST_TAG = 4_000;
const entities: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  hellip: '…',
  ndash: '–',
  mdash: '—',
};

/** Undefined for a page without a title. Takes the head of a page, cut off anywhere; reads it once from front to back. */
export function readPage(html: string, address: URL): Preview | undefined {
  const head = ['script', 'style', 'noscript'].reduce((rest, name) => without(rest, `<${name}`, `</${name}`), without(html, '<!--', '-->'));
  const meta = readMeta(head);
  const title = meta.get('og:title') ?? meta.get('twitter:title') ?? readTitle(head);
  if (title === '') return undefined;
  const description = meta.get('og:description') ?? meta.get('twitter:description') ?? meta.get('description');
  const siteName = meta.get('og:site_name');
  return {
    title: shorten(title, LONGEST.title),
    description: description ? shorten(description, LONGEST.description) : null,
    siteName: siteName ? shorten(siteName, LONGEST.siteName) : null,
    image: absolute(meta.get('og:image') ?? meta.get('twitter:image'), address),
  };
}

/** Without what stands from `open` to `close`; all of the rest where it is not closed. */
function without(html: string, open: string, close: string): string {
  const lower = html.toLowerCase();
  const kept: string[] = [];
  for (let at = 0; ;) {
    const start = lower.indexOf(open, at);
    kept.push(html.slice(at, start < 0 ? undefined : start));
    const end = start < 0 ? -1 : lower.indexOf(close, start);
    if (end < 0) return kept.join('');
    at = end + close.length;
  }
}

function readTitle(html: string): string {
  const start = html.search(/<title[\s>]/i);
  const open = start < 0 ? -1 : html.indexOf('>', start);
  if (open < 0) return '';
  const end = html.indexOf('<', open);
  return textOf(html.slice(open + 1, end < 0 ? undefined : end));
}

/** Contents by `property` or `name`; of several the first. */
function readMeta(html: string): Map<string, string> {
  const lower = html.toLowerCase();
  const found = new Map<string, string>();
  for (let at = lower.indexOf('<meta'), count = 0; at >= 0 && count < MOST_TAGS; at = lower.indexOf('<meta', at + 1), count += 1) {
    const end = lower.indexOf('>', at);
    if (end < 0) break;
    const attributes = readAttributes(html.slice(at + '<meta'.length, Math.min(end, at + LONGEST_TAG)));
    const key = (attributes.get('property') ?? attributes.get('name') ?? '').toLowerCase();
    const content = textOf(attributes.get('content') ?? '');
    if (key !== '' && content !== '' && !found.has(key)) found.set(key, content);
  }
  return found;
}

function readAttributes(tag: string): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name = '', double, single, bare] of tag.matchAll(/([\w:-]{1,40})\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/g)) {
    attributes.set(name.toLowerCase(), double ?? single ?? bare ?? '');
  }
  return attributes;
}

function textOf(html: string): string {
  return html
    .replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{2,8}));/gi, (whole, decimal?: string, hex?: string, name?: string) => {
      if (name) return entities[name.toLowerCase()] ?? whole;
      const code = decimal ? Number(decimal) : Number.parseInt(hex ?? '', 16);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
    })
    .replace(/\s+/g, ' ')
    .trim();
}

function shorten(text: string, longest: number): string {
  const characters = [...text];
  return characters.length > longest ? `${characters.slice(0, longest - 1).join('')}…` : text;
}

function absolute(link: string | undefined, base: URL): string | null {
  const url = link !== undefined && URL.canParse(link, base.href) ? new URL(link, base) : undefined;
  return url && (url.protocol === 'https:' || url.protocol === 'http:') && url.href.length <= 1_024 ? url.href : null;
}
