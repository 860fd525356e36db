import type { IncomingHttpHeaders } from 'node:http';

/** If-Match and If-None-Match (RFC 9110, 13.1): `*` or a list of entity tags without their quotes. */
export interface Preconditions {
  readonly match?: '*' | readonly string[];
  readonly noneMatch?: '*' | readonly string[];
}

export function readPreconditions(headers: IncomingHttpHeaders): Preconditions {
  return { match: readTags(headers['if-match'], false), noneMatch: readTags(headers['if-none-match'], true) };
}

/** Whether If-Match lets the request through; `etag` is undefined for what does not exist. */
export function fitsMatch({ match }: Preconditions, etag: string | undefined): boolean {
  if (match === undefined) return true;
  return etag !== undefined && (match === '*' || match.includes(etag));
}

/** Whether If-None-Match names the current version: 304 for a reader, 412 for a writer. */
export function namesCurrent({ noneMatch }: Preconditions, etag: string | undefined): boolean {
  return noneMatch !== undefined && etag !== undefined && (noneMatch === '*' || noneMatch.includes(etag));
}

/**
 * Weak tags count where only reading is at stake (`weak`): proxies that compress make tags weak. A tag without quotes is not valid,
 * but older remoteStorage clients send it.
 */
function readTags(header: string | undefined, weak: boolean): '*' | string[] | undefined {
  if (header === undefined) return undefined;
  if (header.trim() === '*') return '*';
  const tags = header.split(',').map((part) => part.trim());
  return tags.filter((tag) => weak || !tag.startsWith('W/')).map((tag) => tag.replace(/^W\//, '').replace(/^"(.*)"$/, '$1'));
}
