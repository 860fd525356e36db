import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import aws4 from 'aws4';
import type { BucketAddress } from '../../foundation/settings.ts';
import type { ByteRange } from '../ranges.ts';
import type { BucketKeys } from './keys.ts';

/** What is put: as often as it takes, so each time from the beginning. */
export interface Payload {
  readonly length: number;
  /** In hexadecimal digits. */
  readonly sha256: string;
  read(): Readable;
}

export interface Ask {
  readonly method: 'GET' | 'PUT' | 'DELETE';
  readonly key?: string;
  readonly query?: Record<string, string>;
  readonly range?: ByteRange;
  readonly payload?: Payload;
}

/** How long a bucket may keep silent before it answers, and how long a reader may pause after that, in milliseconds. */
const LONGEST_SILENCE = 20_000;
const LONGEST_PAUSE = 120_000;
const MOST_CONNECTIONS = 32;

/** Signed requests (AWS Signature Version 4) to one bucket; the content is part of what is signed, so that it arrives whole or not at all. */
export class Exchange {
  readonly #address: BucketAddress;
  readonly #url: URL;
  readonly #keys: BucketKeys;
  readonly #client: typeof http | typeof https;
  readonly #agent: http.Agent;

  constructor(address: BucketAddress, keys: BucketKeys) {
    this.#address = address;
    this.#url = new URL(address.url);
    this.#keys = keys;
    this.#client = this.#url.protocol === 'https:' ? https : http;
    this.#agent = new this.#client.Agent({ keepAlive: true, maxSockets: MOST_CONNECTIONS });
  }

  /** The beginning of the answer, whatever its status. */
  async send(ask: Ask): Promise<IncomingMessage> {
    const outgoing = this.#client.request({ ...this.#sign(ask), agent: this.#agent });
    outgoing.setTimeout(LONGEST_SILENCE, () => outgoing.destroy(new Error('it does not answer')));
    const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
    // A refusal may come, and the connection end, before everything was sent: then the answer counts.
    outgoing.on('error', () => undefined);
    if (ask.payload) pipeline(ask.payload.read(), outgoing).catch((error: Error) => outgoing.destroy(error));
    else outgoing.end();
    const [answer] = await answered;
    outgoing.setTimeout(LONGEST_PAUSE);
    return answer;
  }

  #sign({ method, key, query, range, payload }: Ask): aws4.Request {
    const { hostname, port, pathname, host } = this.#url;
    const search = query ? `?${new URLSearchParams(query).toString()}` : '';
    const headers: Record<string, string | number> = { host };
    if (range) headers.range = `bytes=${range.start}-${range.end}`;
    if (payload) {
      headers['content-length'] = payload.length;
      headers['x-amz-content-sha256'] = payload.sha256;
    }
    const path = pathname + (key === undefined ? '' : `/${key}`) + search;
    return aws4.sign({ ...{ hostname, port, method, path, headers }, service: 's3', region: this.#address.region }, this.#keys);
  }
}
