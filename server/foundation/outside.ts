import http from 'node:http';
import https from 'node:https';
import net from 'node:net';

export interface OutsideRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body?: Buffer;
  /** Whole time, in milliseconds. */
  readonly limit: number;
  /** Bytes of the answer to read, the rest is left; none if not given. */
  readonly largest?: number;
}

export interface OutsideAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

/** To `address`, whatever the name resolves to by now; the certificate still has to be the name's. Follows nothing. */
export function requestAt(url: URL, address: string, request: OutsideRequest): Promise<OutsideAnswer> {
  const client = url.protocol === 'https:' ? https : http;
  const family = net.isIP(address);
  return new Promise((resolve, reject) => {
    const outgoing = client.request(url, {
      method: request.method,
      headers: request.headers,
      signal: AbortSignal.timeout(request.limit),
      lookup: (_host, options, done) => (options.all ? done(null, [{ address, family }]) : done(null, address, family)),
    });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      readBody(incoming, request.largest ?? 0).then(
        (body) => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body }),
        reject,
      );
    });
    outgoing.end(request.body);
  });
}

async function readBody(incoming: http.IncomingMessage, largest: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  if (largest > 0) {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= largest) break;
    }
  }
  incoming.destroy();
  return Buffer.concat(chunks).subarray(0, largest);
}
