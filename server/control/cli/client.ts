import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { KosmosError } from '../../foundation/errors.ts';
import { readSettings } from '../../foundation/settings.ts';
import { topologyOf } from '../../foundation/topology.ts';
import { shellAddress } from '../shell.ts';
import type { Question } from './commands.ts';

/** Where the appliance is, and as whom to ask. */
export interface Access {
  /** Elsewhere: its address, and a file with a token of a session there. */
  readonly url?: string;
  readonly tokenFile?: string;
  /** Here: the admin of the appliance to act as. */
  readonly as?: string;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Components may take a minute to settle. */
const LIMIT = 90_000;
const LARGEST = 16 * 1024 * 1024;

export class Unreachable extends Error {}

/** Throws `Unreachable` where nobody answers. */
export function ask({ method, path, body }: Question, access: Access): Promise<Answer> {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const { request, options, headers } = wayTo(access);
  return new Promise((resolve, reject) => {
    const outgoing = request({
      ...{ ...options, method, path, timeout: LIMIT },
      headers: {
        ...headers,
        ...(payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
      },
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')));
    outgoing.on('error', (error) => reject(new Unreachable(`The appliance does not answer: ${error.message}`)));
    outgoing.on('response', (incoming) => {
      let text = '';
      incoming.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (text.length > LARGEST) outgoing.destroy(new Error('the answer is too large'));
      });
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body: text === '' ? undefined : parse(text) }));
    });
    outgoing.end(payload);
  });
}

function wayTo({ url, tokenFile, as }: Access) {
  if (url === undefined) {
    const { socketPath } = shellAddress(topologyOf(readSettings(process.env)));
    const headers: Record<string, string> = as === undefined ? {} : { 'x-kosmos-as': as };
    return { request: http.request, options: { socketPath }, headers };
  }
  if (tokenFile === undefined) throw new KosmosError('KOSMOS_ERR_UNAUTHENTICATED');
  const { protocol, hostname, port } = new URL(url);
  const token = readFileSync(tokenFile, 'utf8').trim();
  const options = { protocol, hostname: hostname.replace(/^\[|\]$/g, ''), port };
  return { request: protocol === 'https:' ? https.request : http.request, options, headers: { authorization: `Bearer ${token}` } };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Unreachable('What answers there is no appliance');
  }
}
