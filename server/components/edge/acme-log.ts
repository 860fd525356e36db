import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Settings } from '../../foundation/settings.ts';
import { KosmosError } from '../../foundation/errors.ts';
import { edgePaths } from './config.ts';

const TAIL = 64 * 1024;

interface Entry {
  readonly ts?: number;
  readonly level?: string;
  readonly logger?: string;
  readonly msg?: string;
  readonly identifier?: string;
  readonly error?: string;
}

/** Why the edge's last try to get a certificate for the domain failed; undefined if it did not. */
export function findAcmeFailure(settings: Pick<Settings, 'dataFolder'>, domain: string): KosmosError | undefined {
  const entries = readTail(edgePaths(settings).acmeLog).flatMap((line) => parse(line) ?? []);
  const about = entries.filter(({ identifier, msg }) => identifier === domain || msg?.includes(domain));
  const last = about.findLast(({ error, msg }) => error !== undefined || msg?.includes('obtained successfully'));
  return last?.error === undefined ? undefined : explainAcme(domain, last.error);
}

/** The sentence for what an ACME server (RFC 8555, section 6.7) or the way to it said. */
export function explainAcme(domain: string, words: string): KosmosError {
  const type = /urn:ietf:params:acme:error:(\w+)/.exec(words)?.[1] ?? '';
  const reason = detailOf(words);
  switch (type) {
    case 'dns':
      return new KosmosError('KOSMOS_ERR_ACME_DNS', { domain, reason });
    case 'caa':
      return new KosmosError('KOSMOS_ERR_ACME_CAA', { domain, reason });
    case 'connection':
      return new KosmosError('KOSMOS_ERR_ACME_CONNECTION', { domain, reason });
    case 'unauthorized':
    case 'incorrectResponse':
      return new KosmosError('KOSMOS_ERR_ACME_ELSEWHERE', { domain, reason });
    case 'rateLimited':
      return new KosmosError('KOSMOS_ERR_ACME_RATE_LIMITED', { domain, reason });
    default:
      return type === ''
        ? new KosmosError('KOSMOS_ERR_ACME_UNREACHABLE', { reason })
        : new KosmosError('KOSMOS_ERR_ACME_REFUSED', { domain, reason });
  }
}

/** The authority's own sentence, without what Caddy puts around it. */
function detailOf(words: string): string {
  return (/urn:ietf:params:acme:error:\w+ - (.+?)(?: \(order=.*)?$/s.exec(words)?.[1] ?? words).slice(0, 400);
}

function parse(line: string): Entry | undefined {
  try {
    return JSON.parse(line) as Entry;
  } catch {
    return undefined;
  }
}

function readTail(file: string): string[] {
  if (!existsSync(file)) return [];
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const buffer = Buffer.alloc(Math.min(size, TAIL));
    readSync(descriptor, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString('utf8').split('\n');
  } finally {
    closeSync(descriptor);
  }
}
