import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const STEP = 30_000;
const DIGITS = 6;
const SECRET_BYTES = 20;
/** A code is also taken one step early or late: clocks differ, and people type slowly (RFC 6238, 5.2). */
const DRIFT = 1;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A fresh secret, base32 (RFC 4648). */
export function newTotpSecret(): string {
  let bits = '';
  for (const byte of randomBytes(SECRET_BYTES)) bits += byte.toString(2).padStart(8, '0');
  return (bits.match(/.{5}/g) ?? []).map((five) => ALPHABET[parseInt(five, 2)]).join('');
}

/** What an authenticator app reads from a QR code (key URI format). */
export function totpUri(secret: string, account: string, issuer: string): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`;
  return `otpauth://totp/${label}?secret=${secret}&issuer=${encodeURIComponent(issuer)}&algorithm=SHA1&digits=${DIGITS}&period=${STEP / 1000}`;
}

/** The time step whose code this is, if it is a later one than `lastStep`: a code that was seen once is worth nothing (RFC 6238, 5.2). */
export function findTotpStep(secret: string, code: string, lastStep: number | null, now = Date.now()): number | undefined {
  const current = Math.floor(now / STEP);
  let found: number | undefined;
  for (let step = current - DRIFT; step <= current + DRIFT; step++) {
    const fits = timingSafeEqual(Buffer.from(totpCode(secret, step)), Buffer.from(code.padEnd(DIGITS).slice(0, DIGITS)));
    if (fits && code.length === DIGITS && step > (lastStep ?? -1)) found ??= step;
  }
  return found;
}

/** HOTP (RFC 4226) of a time step. */
export function totpCode(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac('sha1', decodeBase32(secret)).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 0xf;
  const number = digest.readUInt32BE(offset) & 0x7fff_ffff;
  return String(number % 10 ** DIGITS).padStart(DIGITS, '0');
}

function decodeBase32(text: string): Buffer {
  let bits = '';
  for (const character of text) bits += ALPHABET.indexOf(character).toString(2).padStart(5, '0');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((eight) => parseInt(eight, 2)));
}
