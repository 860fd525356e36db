import { createCipheriv, createDecipheriv, createHash, randomBytes, randomInt, randomUUID, timingSafeEqual } from 'node:crypto';

/** A fresh identifier for a database row (UUID version 4). */
export function newId(): string {
  return randomUUID();
}

/** A secret to hand out: 256 random bits, base64url, 43 characters. Keep only `hashToken` of it. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** 31 of them: none that could be taken for another one, easy to read aloud and to type on a phone. */
const plainLetters = 'abcdefghjkmnpqrstuvwxyz23456789';

/** Letters and digits for people to copy: just under five random bits each. */
export function randomLetters(count: number): string {
  return Array.from({ length: count }, () => plainLetters[randomInt(plainLetters.length)]).join('');
}

/** What is stored of a token. The token has 256 bits of entropy, so a plain SHA-256 is enough. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/** Compares two secrets without telling by time how much of them agrees. */
export function equalSecrets(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** AES-256-GCM: nonce, ciphertext and tag as one base64url string. `context` is authenticated, so a value moved to another row does not open. */
export function seal(plaintext: string, key: Buffer, context: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
  const ciphertext = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, ciphertext, cipher.getAuthTag()]).toString('base64url');
}

/** The way back from `seal`. Throws if the key or the context is another, or a bit was changed. */
export function unseal(sealed: string, key: Buffer, context: string): string {
  const bytes = Buffer.from(sealed, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES)).setAAD(Buffer.from(context));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  const plaintext = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
  return Buffer.concat([plaintext, decipher.final()]).toString('utf8');
}
