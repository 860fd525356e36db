import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { KosmosError, messageOf } from './errors.ts';

/** Every secret the appliance makes for itself; each is a file of mode 0600 in `data/secrets`. */
export type SecretName = 'internal' | 'jwt' | 'ergo-oper' | 'prosody-api' | 'encryption' | 'setup' | 'vapid' | 'backup';

const BYTES = 32;

/** Reads a secret (base64url of 32 bytes), making it first if it is not there. Safe against two processes that do so at once. */
export function loadSecret(dataFolder: string, name: SecretName): string {
  const file = path.join(dataFolder, 'secrets', name);
  if (!existsSync(file)) createSecret(file);
  return readSecret(file, name);
}

/** The same as raw bytes, for keys of ciphers and signatures. */
export function loadKey(dataFolder: string, name: SecretName): Buffer {
  return Buffer.from(loadSecret(dataFolder, name), 'base64url');
}

function createSecret(file: string): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, randomBytes(BYTES).toString('base64url'), { mode: 0o600 });
  try {
    linkSync(fresh, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(fresh);
  }
}

function readSecret(file: string, name: SecretName): string {
  try {
    chmodSync(file, 0o600);
    const secret = readFileSync(file, 'utf8').trim();
    if (Buffer.from(secret, 'base64url').length !== BYTES) throw new Error('it is not 32 bytes in base64url');
    return secret;
  } catch (error) {
    throw new KosmosError('KOSMOS_ERR_SECRET_UNREADABLE', { secret: name, reason: messageOf(error) }, { cause: error });
  }
}
