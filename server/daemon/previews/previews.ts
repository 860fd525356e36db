import { publicOnly, type FindAddresses } from '../../foundation/public-address.ts';
import { timestamp, type Database } from '../../database/database.ts';
import { requestAt } from '../../foundation/outside.ts';
import { readPage, type Preview } from './read-page.ts';

const HOUR = 3_600_000;
const KEPT = 7 * 24 * HOUR;
/** A page that could not be had is asked for again after this. */
const NOTHING_KEPT = HOUR;
const LIMIT = 5_000;
const LARGEST = 256 * 1024;
const MOST_REDIRECTS = 3;
const LONGEST_URL = 1_024;
const MOST_AT_ONCE = 8;

/** Previews of links, fetched by the appliance so that no member's address is shown to the page. */
export class Previews {
  readonly #database: Database;
  readonly #findAddresses: FindAddresses;
  /** Being fetched: whoever asks meanwhile waits for the same. */
  readonly #running = new Map<string, Promise<Preview | null>>();
  #cleanedAt = 0;

  constructor(database: Database, findAddresses: FindAddresses = publicOnly) {
    this.#database = database;
    this.#findAddresses = findAddresses;
  }

  /** Null where there is nothing to show: no page, none that can be had, or none that may be looked at. */
  async find(address: string): Promise<Preview | null> {
    const url = pageOf(address);
    if (!url) return null;
    const cached = await this.#findCached(url.href);
    if (cached !== undefined) return cached;
    const running = this.#running.get(url.href);
    if (running) return running;
    if (this.#running.size >= MOST_AT_ONCE) return null;
    const fetched = this.#fetchAndKeep(url).finally(() => this.#running.delete(url.href));
    this.#running.set(url.href, fetched);
    return fetched;
  }

  async #findCached(url: string): Promise<Preview | null | undefined> {
    const row = await this.#database.selectFrom('link_previews').selectAll().where('url', '=', url).executeTakeFirst();
    if (!row) return undefined;
    const age = Date.now() - Date.parse(row.fetched_at);
    if (age > (row.preview === null ? NOTHING_KEPT : KEPT)) return undefined;
    return row.preview === null ? null : (JSON.parse(row.preview) as Preview);
  }

  async #fetchAndKeep(url: URL): Promise<Preview | null> {
    const found = (await this.#fetch(url).catch(() => undefined)) ?? null;
    const kept = { preview: found === null ? null : JSON.stringify(found), fetched_at: timestamp() };
    await this.#database
      .insertInto('link_previews')
      .values({ url: url.href, ...kept })
      .onConflict((conflict) => conflict.column('url').doUpdateSet(kept))
      .execute();
    await this.#clean();
    return found;
  }

  async #fetch(first: URL): Promise<Preview | undefined> {
    const deadline = Date.now() + LIMIT;
    for (let [url, redirects] = [first, 0]; redirects <= MOST_REDIRECTS; redirects += 1) {
      const [address] = await this.#findAddresses(url);
      const limit = deadline - Date.now();
      if (address === undefined || limit <= 0) return undefined;
      const headers = { accept: 'text/html,application/xhtml+xml', 'user-agent': 'Kosmos-Chat (link preview)' };
      const { status, headers: answered, body } = await requestAt(url, address, { method: 'GET', headers, limit, largest: LARGEST });
      const next = status >= 300 && status < 400 ? pageOf(answered.location ?? '', url) : undefined;
      if (!next) return status === 200 ? readPage(textOf(body, answered['content-type'] ?? ''), url) : undefined;
      url = next;
    }
    return undefined;
  }

  async #clean(): Promise<void> {
    if (Date.now() - this.#cleanedAt < HOUR) return;
    this.#cleanedAt = Date.now();
    await this.#database
      .deleteFrom('link_previews')
      .where('fetched_at', '<', timestamp(Date.now() - KEPT))
      .execute();
  }
}

/** Without the fragment: it is not sent. */
function pageOf(address: string, base?: URL): URL | undefined {
  if (address.length > LONGEST_URL || !URL.canParse(address, base?.href)) return undefined;
  const url = new URL(address, base);
  url.hash = '';
  const isPage = (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '' && url.password === '';
  return isPage ? url : undefined;
}

/** '' for what is no page. */
function textOf(body: Buffer, type: string): string {
  if (!/^(text\/html|application\/xhtml\+xml)\b/i.test(type)) return '';
  const charset =
    /charset=["']?([\w-]+)/i.exec(type)?.[1] ?? /<meta[^>]{0,200}charset=["']?([\w-]+)/i.exec(body.toString('latin1', 0, 1_024))?.[1];
  try {
    return new TextDecoder(charset ?? 'utf-8').decode(body);
  } catch {
    return body.toString('utf8');
  }
}
