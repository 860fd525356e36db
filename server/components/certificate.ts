import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

export interface Certificate {
  readonly certificateFile: string;
  readonly keyFile: string;
}

const LIMIT = 20_000;
const run = promisify(execFile);

/**
 * The certificate for the public TLS ports of IRC and XMPP. A home domain without one gets a certificate signed by itself, which
 * clients ask to confirm; a real one put at the same place is used instead.
 */
export async function ensureCertificate(dataFolder: string, domain: string): Promise<Certificate> {
  const folder = path.join(dataFolder, 'tls', domain);
  const files = { certificateFile: path.join(folder, 'certificate.pem'), keyFile: path.join(folder, 'key.pem') };
  if (!existsSync(files.certificateFile) || !existsSync(files.keyFile)) await createSelfSigned(folder, domain, files);
  return files;
}

async function createSelfSigned(folder: string, domain: string, files: Certificate): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const fresh = { certificateFile: `${files.certificateFile}.new`, keyFile: `${files.keyFile}.new` };
  const names = ['', 'rooms.', 'upload.'].map((prefix) => `DNS:${prefix}${domain}`).join(',');
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', fresh.keyFile];
  const certificate = ['-days', '3650', '-subj', `/CN=${domain.slice(0, 64)}`, '-addext', `subjectAltName=${names}`];
  try {
    await run('openssl', ['req', '-x509', ...key, ...certificate, '-out', fresh.certificateFile], { timeout: LIMIT });
    chmodSync(fresh.keyFile, 0o600);
    renameSync(fresh.keyFile, files.keyFile);
    renameSync(fresh.certificateFile, files.certificateFile);
  } finally {
    for (const file of Object.values(fresh)) rmSync(file, { force: true });
  }
}
