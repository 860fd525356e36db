import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { saslprep } from '@mongodb-js/saslprep';
import { equalSecrets } from '../foundation/crypto.ts';
import { KosmosError } from '../foundation/errors.ts';

export type ScramHash = 'SHA-1' | 'SHA-256';

/** What a server keeps of a password for one hash (RFC 5802, 3): enough to check a log-in, not enough to make one. Base64. */
export interface ScramKeys {
  readonly hash: ScramHash;
  readonly salt: string;
  readonly iterations: number;
  readonly storedKey: string;
  readonly serverKey: string;
}

/**
 * Every XMPP client computes these rounds itself, in JavaScript on a phone too: 20,000 are twice what XEP-0438 asks for SHA-1 and
 * five times RFC 7677's for SHA-256, and take such a client well under a second.
 */
const ITERATIONS = 20_000;
const SALT_BYTES = 16;
const hashes = { 'SHA-1': { node: 'sha1', bytes: 20 }, 'SHA-256': { node: 'sha256', bytes: 32 } } as const;

const derive = promisify(pbkdf2);

export const PASSWORD_MIN = 8;
export const PASSWORD_MAX = 200;

/** Throws KOSMOS_ERR_PASSWORD_WEAK or KOSMOS_ERR_PASSWORD_CHARACTERS. */
export function checkPassword(password: string, name: string): void {
  if ([...password].length > PASSWORD_MAX) throw tooWeak();
  const prepared = prepare(password);
  if (prepared === undefined) throw new KosmosError('KOSMOS_ERR_PASSWORD_CHARACTERS');
  // What clients drop is no protection: a soft hyphen counts for nothing.
  const length = [...prepared].length;
  if (length < PASSWORD_MIN || length > PASSWORD_MAX || prepared.toLowerCase() === name) throw tooWeak();
}

function tooWeak(): KosmosError {
  return new KosmosError('KOSMOS_ERR_PASSWORD_WEAK', { min: PASSWORD_MIN, max: PASSWORD_MAX });
}

/** Keys for a password that `checkPassword` accepted, one set per hash, each with a salt of its own. */
export async function createScramKeys(password: string): Promise<ScramKeys[]> {
  return Promise.all((['SHA-1', 'SHA-256'] as const).map((hash) => keysFor(hash, password)));
}

async function keysFor(hash: ScramHash, password: string): Promise<ScramKeys> {
  const salt = randomBytes(SALT_BYTES);
  const { node } = hashes[hash];
  const salted = await saltPassword(hash, password, salt, ITERATIONS);
  return {
    hash,
    salt: salt.toString('base64'),
    iterations: ITERATIONS,
    storedKey: storedKeyOf(hash, salted),
    serverKey: createHmac(node, salted).update('Server Key').digest('base64'),
  };
}

/** Whether the password is the one that the keys were made of; takes the time of the iterations either way. */
export async function verifyPassword(password: string, keys: ScramKeys): Promise<boolean> {
  const salted = await saltPassword(keys.hash, password, Buffer.from(keys.salt, 'base64'), keys.iterations);
  return equalSecrets(storedKeyOf(keys.hash, salted), keys.storedKey);
}

/** Keys that no password opens, to spend the same time on a name that does not exist. */
export const decoyKeys: ScramKeys = {
  hash: 'SHA-256',
  salt: randomBytes(SALT_BYTES).toString('base64'),
  iterations: ITERATIONS,
  storedKey: randomBytes(hashes['SHA-256'].bytes).toString('base64'),
  serverKey: randomBytes(hashes['SHA-256'].bytes).toString('base64'),
};

async function saltPassword(hash: ScramHash, password: string, salt: Buffer, iterations: number): Promise<Buffer> {
  const { node, bytes } = hashes[hash];
  return derive(prepare(password) ?? password, salt, iterations, bytes, node);
}

function storedKeyOf(hash: ScramHash, salted: Buffer): string {
  const { node } = hashes[hash];
  return createHash(node).update(createHmac(node, salted).update('Client Key').digest()).digest('base64');
}

/** SASLprep (RFC 4013), as clients do before they hash; undefined where it forbids a character. */
function prepare(password: string): string | undefined {
  try {
    return saslprep(password);
  } catch {
    return undefined;
  }
}
