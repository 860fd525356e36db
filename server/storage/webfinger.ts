import type { IncomingMessage, ServerResponse } from 'node:http';
import { KosmosError } from '../foundation/errors.ts';
import type { Database } from '../database/database.ts';
import { findAccount, type Account } from '../identity/accounts.ts';
import { FailureLimit } from '../identity/rate-limit.ts';
import { findStorageElsewhere, STORAGE_RELATION, type StorageLink } from '../identity/storage-elsewhere.ts';
import { storageRootOf } from '../identity/storage-grants.ts';
import { openToAll, sendJson, visitOf, type Visit } from './http.ts';

export const STORAGE_API = 'draft-dejong-remotestorage-26';
/** `-` begins no account's name, so pages of ours never hide an account's documents. */
export const OAUTH_PATH = '/storage/-/oauth/';
const guesses = { failures: 100, window: 5 * 60_000 };

/** WebFinger (RFC 7033) for the accounts of the home domain: how a remoteStorage app gets from an address to a server. */
export class WebFinger {
  readonly #database: Database;
  readonly #findDomain: () => Promise<string>;
  readonly #guesses = new FailureLimit(guesses);

  constructor(database: Database, findDomain: () => Promise<string>) {
    this.#database = database;
    this.#findDomain = findDomain;
  }

  async handle(request: IncomingMessage, response: ServerResponse, query: URLSearchParams): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') throw new KosmosError('KOSMOS_ERR_NOT_FOUND');
    const visit = visitOf(request);
    const resource = query.get('resource');
    if (!resource) throw new KosmosError('KOSMOS_ERR_BAD_REQUEST', { reason: 'it has no resource such as acct:name@domain' });
    const account = await this.#findAccount(resource, visit);
    const rels = query.getAll('rel');
    // Of an account whose documents are elsewhere, what that server says: the address on the home domain stays good.
    const elsewhere = await findStorageElsewhere(this.#database, account);
    const all = elsewhere?.links ?? [storageLink(visit, account.name)];
    const links = rels.length === 0 ? all : all.filter(({ rel }) => rels.includes(rel));
    sendJson(
      response,
      200,
      { subject: resource, links },
      { ...openToAll, 'content-type': 'application/jrd+json', 'cache-control': 'no-cache' },
    );
  }

  /** An address may name the home domain or the host it was asked at: before there is a domain, people use `name@localhost:8080`. */
  async #findAccount(resource: string, visit: Visit): Promise<Account> {
    const seconds = visit.address ? this.#guesses.secondsLeft(visit.address) : 0;
    if (seconds > 0) throw new KosmosError('KOSMOS_ERR_RATE_LIMITED', { seconds });
    const [, name, domain] = /^(?:acct:)?([^@/]{1,64})@([^@/]{1,255})$/i.exec(resource) ?? [];
    const homes = [await this.#findDomain(), visit.host, visit.host.replace(/:\d+$/, '')];
    const account = name && domain && homes.includes(domain.toLowerCase()) ? await findAccount(this.#database, name) : undefined;
    if (account && !account.disabledAt) return account;
    if (visit.address) this.#guesses.countFailure(visit.address);
    throw new KosmosError('KOSMOS_ERR_NOT_FOUND');
  }
}

function storageLink({ origin }: Visit, name: string): StorageLink {
  return {
    rel: STORAGE_RELATION,
    href: storageRootOf(origin, name),
    type: STORAGE_API,
    properties: {
      'http://remotestorage.io/spec/version': STORAGE_API,
      'http://tools.ietf.org/html/rfc6749#section-4.2': `${origin}${OAUTH_PATH}${name}`,
      // A token in an address ends up in logs and histories.
      'http://tools.ietf.org/html/rfc6750#section-2.3': null,
      'http://tools.ietf.org/html/rfc7233': 'GET',
      'http://remotestorage.io/spec/web-authoring': null,
    },
  };
}
