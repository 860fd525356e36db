import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { KosmosError } from '../foundation/errors.ts';
import type { ArmadiettoAnswer } from './armadietto.ts';
import { openToAll, type Visit } from './http.ts';
import { readRange, type ByteRange } from './ranges.ts';
import type { StorageRequest } from './request-store.ts';
import type { Documents } from './store/documents.ts';
import { DEFAULT_TYPE } from './store/folder-descriptions.ts';
import type { DocumentRow } from './store/items.ts';

/**
 * On every answer. Documents come from the origin of the web client, so a page among them is shut into an origin of its own
 * (draft-dejong-remotestorage, section 14, asks for another origin; one DNS name is all that the appliance has).
 */
export const storageHeaders = {
  ...openToAll,
  'access-control-expose-headers':
    'Accept-Ranges, Content-Length, Content-Range, Content-Type, ETag, Last-Modified, Retry-After, WWW-Authenticate',
  'content-security-policy': "sandbox; default-src 'none'; img-src 'self' data:; media-src 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
} as const;

/** A replaced document has a new row at once; more than this many replacements during one lookup is a broken store. */
const MOST_TRIES = 5;

/** Everything but the content of documents. */
export function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  asked: StorageRequest,
  answer: ArmadiettoAnswer,
  visit: Visit,
): void {
  const headers: Record<string, string | number> = { ...headersOf(asked, answer), ...storageHeaders };
  if (request.method === 'OPTIONS')
    headers['access-control-allow-headers'] = `${String(headers['access-control-allow-headers'])}, Range, If-Range`;
  // COMPAT: Armadietto 0.6.6 leaves out the comma that RFC 6750 has between realm and error.
  if (answer.status === 403) headers['www-authenticate'] = `Bearer realm="${visit.host}", error="insufficient_scope"`;
  if (answer.body.length > 0) headers['content-length'] = answer.body.length;
  response.writeHead(answer.status, headers);
  response.end(request.method === 'HEAD' ? undefined : answer.body);
}

/** The content, or the part of it that a Range header asks for. Throws KOSMOS_ERR_STORAGE_RANGE. */
export async function sendDocument(
  request: IncomingMessage,
  response: ServerResponse,
  documents: Documents,
  asked: StorageRequest,
  answer: ArmadiettoAnswer,
  found: DocumentRow,
): Promise<void> {
  let document: DocumentRow | undefined = found;
  for (let tries = 0; document && tries < MOST_TRIES; tries += 1) {
    const range = rangeOf(request, document);
    const headers = { ...headersOf(asked, answer), ...contentHeaders(document, range), ...storageHeaders };
    if (request.method === 'HEAD') return void response.writeHead(200, headers).end();
    const content = await documents.openContent(asked.accountId, document, range);
    if (content) return pipeline(content, response.writeHead(range ? 206 : 200, headers));
    document = await documents.findDocument(asked.accountId, asked.path.names);
  }
  if (document) throw new Error(`the content of a document is missing (${document.blob})`);
  throw new KosmosError('KOSMOS_ERR_NOT_FOUND');
}

function headersOf({ path }: StorageRequest, { status, headers }: ArmadiettoAnswer): Record<string, string | number> {
  const caching = path.names[0] === 'public' ? 'no-cache, public' : 'no-cache';
  return { ...headers, ...(status < 400 ? { 'cache-control': caching } : {}) };
}

function contentHeaders({ etag, length, type, modifiedAt }: DocumentRow, range: ByteRange | undefined): Record<string, string | number> {
  return {
    etag: `"${etag}"`,
    'content-type': type || DEFAULT_TYPE,
    'content-length': range ? range.end - range.start + 1 : length,
    'last-modified': new Date(modifiedAt).toUTCString(),
    'accept-ranges': 'bytes',
    ...(range ? { 'content-range': `bytes ${range.start}-${range.end}/${length}` } : {}),
  };
}

/** A range counts for GET, and with If-Range only for the version it names. */
function rangeOf({ method, headers }: IncomingMessage, { etag, length }: DocumentRow): ByteRange | undefined {
  const condition = headers['if-range'];
  if (method !== 'GET' || (condition !== undefined && condition !== `"${etag}"`)) return undefined;
  const range = readRange(headers.range, length);
  if (range === 'unsatisfiable') throw new KosmosError('KOSMOS_ERR_STORAGE_RANGE', { length });
  return range;
}
