import { parseFeed } from 'feedsmith';
import { KosmosError } from '../../../foundation/errors.ts';

/** An article of a feed, with Sockethub's names for its parts. Texts are as the feed has them: HTML of strangers. */
export interface FeedEntry {
  readonly type: 'feedEntry';
  readonly id: string;
  readonly title?: string;
  readonly brief?: string;
  readonly content?: string;
  readonly contentType: 'html' | 'text';
  readonly url?: string;
  readonly published?: string;
  readonly updated?: string;
  /** Milliseconds; 0 where the feed tells no time. */
  readonly datenum: number;
  readonly tags?: readonly string[];
  readonly author?: string;
  readonly media?: readonly { readonly url: string; readonly type?: string; readonly length?: number }[];
}

export interface Channel {
  readonly type: 'feed';
  readonly id: string;
  readonly name: string;
  readonly link?: string;
  readonly description?: string;
  readonly image?: string;
  readonly language?: string;
  readonly categories?: readonly string[];
  readonly author?: string;
}

interface ReadFeed {
  readonly channel: Channel;
  readonly entries: readonly FeedEntry[];
}

type Parsed = ReturnType<typeof parseFeed>;
type FeedOf<Format extends Parsed['format']> = Extract<Parsed, { format: Format }>['feed'];

const LONGEST = 64 * 1024;
const MOST_PARTS = 50;

/** Reads RSS (0.9 to 2), RDF, Atom or JSON Feed. Throws KOSMOS_ERR_FEED_UNREADABLE. */
export function readFeed(feed: string, text: string): ReadFeed {
  const parsed = parse(feed, text);
  switch (parsed.format) {
    case 'atom':
      return readAtom(feed, parsed.feed);
    case 'json':
      return readJson(feed, parsed.feed);
    default:
      return readRss(feed, parsed.feed);
  }
}

function parse(feed: string, text: string): Parsed {
  try {
    return parseFeed(text);
  } catch (error) {
    throw new KosmosError('KOSMOS_ERR_FEED_UNREADABLE', { feed }, { cause: error as Error });
  }
}

function readRss(feed: string, parsed: FeedOf<'rss'> | FeedOf<'rdf'>): ReadFeed {
  // RDF (RSS 1.0) has a part of the same fields.
  const rss = parsed as FeedOf<'rss'>;
  const channel = channelOf(feed, {
    name: rss.title,
    link: rss.link,
    description: rss.description,
    image: rss.image?.url,
    language: rss.language,
    categories: rss.categories?.map(({ name }) => name),
    author: rss.managingEditor?.toString() ?? rss.dc?.creators?.[0],
  });
  const entries = (rss.items ?? []).map((item) =>
    entryOf({
      id: item.guid?.value ?? item.link,
      title: item.title,
      brief: item.description,
      content: item.content?.encoded ?? item.description,
      isHtml: true,
      url: item.link,
      published: item.pubDate ?? item.dc?.dates?.[0],
      tags: item.categories?.map(({ name }) => name),
      author: item.dc?.creators?.[0],
      media: item.enclosures?.map(({ url, type, length }) => ({ url, type, length })),
    }),
  );
  return { channel, entries };
}

function readAtom(feed: string, atom: FeedOf<'atom'>): ReadFeed {
  const channel = channelOf(feed, {
    name: atom.title?.value,
    link: alternate(atom.links),
    description: atom.subtitle?.value,
    image: atom.logo ?? atom.icon,
    categories: atom.categories?.map(({ label, term }) => label ?? term),
    author: atom.authors?.[0]?.name,
  });
  const entries = (atom.entries ?? []).map((entry) =>
    entryOf({
      id: entry.id ?? alternate(entry.links),
      title: entry.title?.value,
      brief: entry.summary?.value,
      content: entry.content?.value ?? entry.summary?.value,
      isHtml: (entry.content ?? entry.summary)?.type !== undefined && (entry.content ?? entry.summary)?.type !== 'text',
      url: alternate(entry.links),
      published: entry.published ?? entry.updated,
      updated: entry.updated,
      tags: entry.categories?.map(({ label, term }) => label ?? term),
      author: entry.authors?.[0]?.name,
      media: entry.links?.filter(({ rel }) => rel === 'enclosure').map(({ href, type, length }) => ({ url: href, type, length })),
    }),
  );
  return { channel, entries };
}

function readJson(feed: string, json: FeedOf<'json'>): ReadFeed {
  const channel = channelOf(feed, {
    name: json.title,
    link: json.home_page_url,
    description: json.description,
    image: json.icon,
    language: json.language,
    author: json.authors?.[0]?.name,
  });
  const entries = (json.items ?? []).map((item) =>
    entryOf({
      id: item.id ?? item.url,
      title: item.title,
      brief: item.summary,
      content: item.content_html ?? item.content_text,
      isHtml: item.content_html !== undefined,
      url: item.url ?? item.external_url,
      published: item.date_published,
      updated: item.date_modified,
      tags: item.tags,
      author: item.authors?.[0]?.name,
      media: item.attachments?.map(({ url, mime_type, size_in_bytes }) => ({ url, type: mime_type, length: size_in_bytes })),
    }),
  );
  return { channel, entries };
}

function alternate(links: FeedOf<'atom'>['links']): string | undefined {
  return links?.find(({ rel }) => rel === undefined || rel === 'alternate')?.href;
}

interface RawChannel {
  name?: string | undefined;
  link?: string | undefined;
  description?: string | undefined;
  image?: string | undefined;
  language?: string | undefined;
  categories?: readonly (string | undefined)[] | undefined;
  author?: string | undefined;
}

function channelOf(feed: string, raw: RawChannel): Channel {
  const { name, link, image, ...rest } = raw;
  const fields = { link: webAddress(link), image: webAddress(image), ...rest, categories: words(raw.categories) };
  return { type: 'feed', id: feed, name: short(name) ?? webAddress(link) ?? feed, ...known(fields) };
}

interface RawEntry extends Pick<RawChannel, 'author'> {
  id: string | undefined;
  title: string | undefined;
  brief: string | undefined;
  content: string | undefined;
  isHtml: boolean;
  url: string | undefined;
  published?: unknown;
  updated?: unknown;
  tags?: readonly (string | undefined)[] | undefined;
  media?: readonly { url?: string | undefined; type?: string | undefined; length?: number | undefined }[] | undefined;
}

function entryOf({ id, isHtml, url, published, updated, tags, media, ...texts }: RawEntry): FeedEntry {
  const date = Date.parse(String(published ?? updated ?? ''));
  const datenum = Number.isNaN(date) ? 0 : date;
  const files = media?.slice(0, MOST_PARTS).flatMap(({ url: address, type, length }) => {
    const href = webAddress(address);
    return href === undefined ? [] : [{ url: href, ...known({ type, length }) }];
  });
  return {
    type: 'feedEntry',
    id: short(id) ?? `${webAddress(url) ?? short(texts.title) ?? ''}#${datenum}`,
    contentType: isHtml ? 'html' : 'text',
    datenum,
    ...known({ ...texts, url: webAddress(url), published: isoTime(published), updated: isoTime(updated), tags: words(tags), media: files }),
  };
}

/** Nothing that a browser would run: a link in a feed may be any text. */
function webAddress(address: string | undefined): string | undefined {
  return address !== undefined && address.length < 4_096 && /^https?:\/\//i.test(address.trim()) ? address.trim() : undefined;
}

function words(list: readonly (string | undefined)[] | undefined): readonly string[] | undefined {
  const found = list?.flatMap((word) => short(word) ?? []).slice(0, MOST_PARTS);
  return found === undefined || found.length === 0 ? undefined : found;
}

function short(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text.trim().slice(0, 1_024);
}

function isoTime(date: unknown): string | undefined {
  const time = Date.parse(typeof date === 'string' ? date : '');
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

/** The fields that have a value, texts cut to what a client can be sent. */
function known<T extends Record<string, unknown>>(fields: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  const kept = Object.entries(fields).filter(
    ([, value]) => value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0),
  );
  const cut = kept.map(([key, value]) => [key, typeof value === 'string' ? value.slice(0, LONGEST) : value]);
  return Object.fromEntries(cut) as { [Key in keyof T]?: Exclude<T[Key], undefined> };
}
