import type { IncomingMessage, ServerResponse } from 'node:http';
import { KosmosError } from '../foundation/errors.ts';

/** How the outside reaches us: told by control's proxy, the only one that can connect here. */
export interface Visit {
  /** `https://chat.example.org` */
  readonly origin: string;
  readonly host: string;
  /** The client's IP address, as far as it is known. */
  readonly address: string | undefined;
}

/** A rest of a refused body that is read so that the client gets to the answer; beyond it the connection is cut. */
const LONGEST_REST = 1024 * 1024;

export function visitOf({ headers }: IncomingMessage): Visit {
  const host = lastOf(headers['x-forwarded-host']) ?? headers.host ?? '';
  if (!/^[\w.:[\]-]{1,255}$/.test(host)) throw new KosmosError('KOSMOS_ERR_BAD_REQUEST', { reason: 'its Host header is not valid' });
  const protocol = lastOf(headers['x-forwarded-proto']) === 'https' ? 'https' : 'http';
  return { origin: `${protocol}://${host}`, host, address: lastOf(headers['x-forwarded-for']) };
}

/** The proxy next to us writes at the end. */
function lastOf(header: string | string[] | undefined): string | undefined {
  return header?.toString().split(',').at(-1)?.trim() || undefined;
}

/** CORS for whatever any origin may read. */
export const openToAll = { 'access-control-allow-origin': '*' } as const;

export function sendJson(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  const text = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': text.length, ...headers });
  response.end(text);
}

export function sendError(response: ServerResponse, error: KosmosError, headers: Record<string, string> = {}): void {
  const { seconds } = error.details;
  const retry: Record<string, string> = seconds === undefined ? {} : { 'retry-after': String(seconds) };
  sendJson(response, error.status, error, { 'cache-control': 'no-store', ...retry, ...headers });
}

/** Lets the rest of a body that nobody reads run out, but not for ever. */
export function discardBody(request: IncomingMessage): void {
  let length = 0;
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > LONGEST_REST) request.destroy();
  });
  request.on('error', () => undefined);
}

/** An HTML form's fields. Throws KOSMOS_ERR_TOO_LARGE beyond `limit` bytes, KOSMOS_ERR_BAD_REQUEST for another type. */
export async function readForm(request: IncomingMessage, limit: number): Promise<URLSearchParams> {
  if (request.headers['content-type']?.split(';')[0] !== 'application/x-www-form-urlencoded') {
    throw new KosmosError('KOSMOS_ERR_BAD_REQUEST', { reason: 'it is not a form' });
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit) throw new KosmosError('KOSMOS_ERR_TOO_LARGE', { limit });
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}
