import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Settings } from '../../foundation/settings.ts';
import { writeFileAtomic } from '../../foundation/files.ts';
import type { Certificate } from '../certificate.ts';
import { edgePaths } from './config.ts';

/** A certificate that the edge obtained, with its chain and key in PEM. */
export interface Issued {
  readonly chain: string;
  readonly key: string;
  readonly validFrom: Date;
  readonly validTo: Date;
  /** Who signed it, for people. */
  readonly issuer: string;
}

/** The newest that the edge has for the domain, whoever issued it: Caddy keeps a folder per authority. */
export function findIssued(settings: Pick<Settings, 'dataFolder'>, domain: string): Issued | undefined {
  const folder = path.join(edgePaths(settings).store, 'certificates');
  if (!existsSync(folder)) return undefined;
  const all = readdirSync(folder).flatMap((authority) => readIssued(path.join(folder, authority, domain, domain)) ?? []);
  return all.sort((a, b) => b.validFrom.getTime() - a.validFrom.getTime())[0];
}

/** Undefined while Caddy has written the one and not yet the other. */
function readIssued(file: string): Issued | undefined {
  if (!existsSync(`${file}.crt`) || !existsSync(`${file}.key`)) return undefined;
  try {
    const [chain, key] = [readFileSync(`${file}.crt`, 'utf8'), readFileSync(`${file}.key`, 'utf8')];
    const certificate = new X509Certificate(chain);
    if (!certificate.checkPrivateKey(createPrivateKey(key))) return undefined;
    return { chain, key, ...periodOf(certificate), issuer: organisationOf(certificate) };
  } catch {
    return undefined;
  }
}

/** Puts it where IRC and XMPP have theirs; true if it is another than the one that was there. */
export function adoptIssued(issued: Issued, files: Certificate): boolean {
  const isThere = existsSync(files.certificateFile) && readFileSync(files.certificateFile, 'utf8') === issued.chain;
  if (isThere) return false;
  writeFileAtomic(files.keyFile, issued.key);
  writeFileAtomic(files.certificateFile, issued.chain);
  return true;
}

export function periodOf(certificate: X509Certificate): { validFrom: Date; validTo: Date } {
  return { validFrom: new Date(certificate.validFrom), validTo: new Date(certificate.validTo) };
}

export function organisationOf({ issuer }: X509Certificate): string {
  const field = (name: string): string | undefined => new RegExp(`^${name}=(.+)$`, 'm').exec(issuer)?.[1];
  return field('O') ?? field('CN') ?? 'unknown';
}
