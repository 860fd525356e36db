import Type from 'typebox';
import { Value } from 'typebox/value';
import { requestAt } from '../foundation/outside.ts';
import { KosmosError } from '../foundation/errors.ts';
import { placeOf, type FindAddresses } from '../foundation/public-address.ts';
import { STORAGE_RELATION, type StorageElsewhere, type StorageLink } from './storage-elsewhere.ts';

const relations = new Set([STORAGE_RELATION, 'remotestorage']);
const LIMIT = 10_000;
const LARGEST = 64 * 1024;
const LONGEST_ADDRESS = 320;

const link = Type.Object({
  rel: Type.String({ maxLength: 200 }),
  href: Type.String({ maxLength: 2_000 }),
  type: Type.Optional(Type.String({ maxLength: 200 })),
  properties: Type.Optional(Type.Record(Type.String({ maxLength: 200 }), Type.Union([Type.String({ maxLength: 2_000 }), Type.Null()]))),
});

/** Who may be asked: public addresses, and what the admin named of the own network, there also without TLS. */
export interface Reach {
  readonly findAddresses: FindAddresses;
  readonly inner: ReadonlySet<string>;
}

/** Asks WebFinger of the other server. Throws KOSMOS_ERR_STORAGE_ADDRESS that says what was wrong. */
export async function findStorageAt(address: string, reach: Reach): Promise<StorageElsewhere> {
  const refuse = (reason: string): never => {
    throw new KosmosError('KOSMOS_ERR_STORAGE_ADDRESS', { address: address.slice(0, 100), reason });
  };
  const [, name, host] = /^([^@/\s]{1,64})@([^@/\s?#]{1,255})$/.exec(address.slice(0, LONGEST_ADDRESS)) ?? [];
  if (!name || !host) return refuse('it has to look like name@example.org');
  const scheme = reach.inner.has(host) ? 'http' : 'https';
  const asked = `${scheme}://${host}/.well-known/webfinger?resource=${encodeURIComponent(`acct:${name}@${host}`)}`;
  if (!URL.canParse(asked)) return refuse(`${host} is no host`);
  const body = await ask(new URL(asked), reach).catch((error: Error) => refuse(error.message));
  const found = linksIn(body).filter(({ rel, href }) => relations.has(rel) && isUsable(href, reach));
  return found.length > 0 ? { address, links: found } : refuse('its server knows no remoteStorage for that name');
}

async function ask(url: URL, { findAddresses }: Reach): Promise<string> {
  const [reachable] = await findAddresses(url).catch(() => []);
  if (reachable === undefined) throw new Error(`${url.hostname} has no public address`);
  const headers = { accept: 'application/jrd+json, application/json', 'user-agent': 'Kosmos-Chat' };
  const { status, body } = await requestAt(url, reachable, { method: 'GET', headers, limit: LIMIT, largest: LARGEST });
  if (status !== 200) throw new Error(`${url.hostname} answered ${status}`);
  return body.toString('utf8');
}

function linksIn(body: string): StorageLink[] {
  try {
    const { links } = JSON.parse(body) as { links?: unknown };
    return Array.isArray(links) ? links.filter((each): each is StorageLink => Value.Check(link, each)) : [];
  } catch {
    return [];
  }
}

function isUsable(href: string, { inner }: Reach): boolean {
  if (!URL.canParse(href)) return false;
  const url = new URL(href);
  return url.protocol === 'https:' || (url.protocol === 'http:' && inner.has(placeOf(url)));
}
