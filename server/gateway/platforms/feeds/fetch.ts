import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { isKosmosError, KosmosError, messageOf } from '../../../foundation/errors.ts';
import type { TcpAddress } from '../../../foundation/topology.ts';

export const fetchLimits = { size: 2 * 1024 * 1024, time: 10_000, redirects: 3 } as const;

export interface FetchOptions {
  /** The address to connect to for a host, after the guard; asked anew for each redirect. */
  resolve(host: string, port: number): Promise<TcpAddress>;
  readonly closing: AbortSignal;
  /** Certificates to trust besides the system's; for tests. */
  readonly ca?: string;
}

export interface Fetched {
  readonly url: string;
  readonly text: string;
}

const accepted =
  'application/feed+json, application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.1';

/** Fetches a document: bounded in size, time and redirects, and only from where the guard lets it. Throws KOSMOS_ERR_FEED_… */
export async function fetchFeed(feed: string, options: FetchOptions): Promise<Fetched> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), fetchLimits.time);
  const stop = (): void => patience.abort();
  options.closing.addEventListener('abort', stop);
  try {
    return await follow(feed, { ...options, closing: patience.signal });
  } catch (error) {
    if (isKosmosError(error)) throw error;
    const reason = patience.signal.aborted ? 'it took too long' : messageOf(error);
    throw new KosmosError('KOSMOS_ERR_FEED_UNREACHABLE', { feed, reason }, { cause: error as Error });
  } finally {
    clearTimeout(timer);
    options.closing.removeEventListener('abort', stop);
  }
}

async function follow(feed: string, options: FetchOptions): Promise<Fetched> {
  let url = addressOf(feed, feed);
  for (let redirects = 0; ; redirects++) {
    const response = await get(url, options);
    const location = response.headers.location;
    const isRedirect = [301, 302, 303, 307, 308].includes(response.statusCode ?? 0) && location !== undefined;
    if (!isRedirect) return { url: url.href, text: await textOf(response) };
    response.destroy();
    if (redirects === fetchLimits.redirects) throw new Error('it redirects too often');
    url = addressOf(new URL(location, url).href, feed);
  }
}

function addressOf(address: string, feed: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isPlain = url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' && url.hostname !== '';
  if (!isPlain) throw new KosmosError('KOSMOS_ERR_FEED_ADDRESS', { feed });
  return url;
}

async function get(url: URL, { resolve, closing, ca }: FetchOptions): Promise<http.IncomingMessage> {
  const isSecure = url.protocol === 'https:';
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  const address = await resolve(hostname, Number(url.port) || (isSecure ? 443 : 80));
  const request = (isSecure ? https : http).request({
    host: address.host,
    port: address.port,
    path: `${url.pathname}${url.search}`,
    headers: { host: url.host, accept: accepted, 'accept-encoding': 'gzip, deflate, br', 'user-agent': 'Kosmos-Chat-Feeds/1.0' },
    // The certificate must be of the host in the address, whatever it resolved to.
    ...(isSecure && net.isIP(hostname) === 0 ? { servername: hostname } : {}),
    ...(ca === undefined ? {} : { ca }),
    agent: false,
    maxHeaderSize: 16_384,
    signal: closing,
  });
  return new Promise((done, fail) => request.once('response', done).once('error', fail).end());
}

async function textOf(response: http.IncomingMessage): Promise<string> {
  const status = response.statusCode ?? 0;
  if (status < 200 || status > 299) {
    response.destroy();
    throw new Error(`its server answered with status ${status}`);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > fetchLimits.size) throw new Error(`it is larger than ${fetchLimits.size} bytes`);
    chunks.push(chunk);
  }
  const body = await unpacked(Buffer.concat(chunks), response.headers['content-encoding']);
  return decode(body, response.headers['content-type'] ?? '');
}

const unpackers = {
  gzip: promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gunzip),
  deflate: promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.inflate),
  br: promisify<Buffer, zlib.BrotliOptions, Buffer>(zlib.brotliDecompress),
} as const;

/** A small body may unpack into a large one: that is bounded too. */
async function unpacked(body: Buffer, encoding: string | undefined): Promise<Buffer> {
  if (encoding === undefined || encoding === 'identity' || encoding === '') return body;
  if (encoding !== 'gzip' && encoding !== 'deflate' && encoding !== 'br') throw new Error(`it is packed as ${encoding.slice(0, 40)}`);
  return unpackers[encoding](body, { maxOutputLength: fetchLimits.size });
}

/** By the header, else by the XML declaration, else UTF-8. */
function decode(body: Buffer, contentType: string): string {
  const declared = /charset\s*=\s*"?([\w:.-]+)/i.exec(contentType)?.[1];
  const written = /^[^>]{0,200}\bencoding\s*=\s*["']([\w.-]+)/.exec(body.subarray(0, 300).toString('latin1'))?.[1];
  for (const label of [declared, written]) {
    if (label === undefined) continue;
    try {
      return new TextDecoder(label).decode(body);
    } catch {
      // An encoding that nobody knows is as good as none.
    }
  }
  return new TextDecoder('utf-8').decode(body);
}
