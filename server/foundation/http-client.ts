import http from 'node:http';
import { KosmosError } from './errors.ts';
import type { Address } from './topology.ts';

export interface InternalRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly headers?: Record<string, string>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Whole time for the answer, in milliseconds. */
  readonly timeout?: number;
  /** Bytes of the answer that are read at most; a longer one is an error. */
  readonly largest?: number;
  /** Ends the request early. */
  readonly signal?: AbortSignal;
}

export interface InternalResponse {
  readonly status: number;
  readonly body: string;
}

const DEFAULT_TIMEOUT = 5_000;
const LARGEST_ANSWER = 4 * 1024 * 1024;

/** One HTTP request to another component of this appliance. Throws KOSMOS_ERR_COMPONENT_UNREACHABLE; any status is an answer. */
export function requestComponent(component: string, address: Address, request: InternalRequest): Promise<InternalResponse> {
  const payload = request.body === undefined ? undefined : JSON.stringify(request.body);
  const timeout = AbortSignal.timeout(request.timeout ?? DEFAULT_TIMEOUT);
  const signal = request.signal ? AbortSignal.any([timeout, request.signal]) : timeout;
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      const reason = signal.aborted ? 'it took too long' : error.message;
      reject(new KosmosError('KOSMOS_ERR_COMPONENT_UNREACHABLE', { component, reason }, { cause: error }));
    };
    const outgoing = http.request({
      ...address,
      method: request.method ?? 'GET',
      path: request.path,
      headers: { ...request.headers, ...(payload === undefined ? {} : { 'content-type': 'application/json' }) },
      signal,
    });
    outgoing.on('error', fail);
    outgoing.on('response', (incoming) => {
      collect(incoming, request.largest ?? LARGEST_ANSWER).then((body) => resolve({ status: incoming.statusCode ?? 0, body }), fail);
    });
    outgoing.end(payload);
  });
}

async function collect(incoming: http.IncomingMessage, largest: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > largest) throw new Error('the answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
