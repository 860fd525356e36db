import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { saslprep } from '@mongodb-js/saslprep';

const derive = promisify(pbkdf2);

/** One SASL conversation: `respond` gives the answer to each challenge (the first is empty). Throws if the server cannot be trusted. */
export interface SaslMechanism {
  readonly name: string;
  respond(challenge: Buffer): Promise<Buffer>;
}

export function plain(name: string, password: string): SaslMechanism {
  return { name: 'PLAIN', respond: () => Promise.resolve(Buffer.from(`${name}\0${name}\0${password}`)) };
}

/** The certificate of the TLS connection says who it is. */
export function external(): SaslMechanism {
  return { name: 'EXTERNAL', respond: () => Promise.resolve(Buffer.alloc(0)) };
}

/** https://ircv3.net/specs/extensions/bearer (draft), as Ergo has it: a JSON Web Token. */
export function bearer(token: string): SaslMechanism {
  return { name: 'IRCV3BEARER', respond: () => Promise.resolve(Buffer.from(`\0jwt\0${token}`)) };
}

const FEWEST_ITERATIONS = 4_096;
const MOST_ITERATIONS = 1_000_000;

/** RFC 7677: the password itself never goes over the wire, and the server proves that it knows the account. */
export class ScramSha256 implements SaslMechanism {
  readonly name = 'SCRAM-SHA-256';
  readonly #name: string;
  readonly #password: string;
  readonly #nonce: string;
  #step = 0;
  #serverSignature: Buffer | undefined;

  constructor(name: string, password: string, nonce = randomBytes(18).toString('base64')) {
    this.#name = saslprep(name, { allowUnassigned: true }).replaceAll('=', '=3D').replaceAll(',', '=2C');
    this.#password = saslprep(password, { allowUnassigned: true });
    this.#nonce = nonce;
  }

  respond(challenge: Buffer): Promise<Buffer> {
    this.#step += 1;
    if (this.#step === 1) return Promise.resolve(Buffer.from(`n,,${this.#firstBare}`));
    if (this.#step === 2) return this.#prove(challenge.toString());
    this.#checkServer(challenge.toString());
    return Promise.resolve(Buffer.alloc(0));
  }

  get #firstBare(): string {
    return `n=${this.#name},r=${this.#nonce}`;
  }

  async #prove(challenge: string): Promise<Buffer> {
    const { r: nonce = '', s: salt = '', i = '' } = attributes(challenge);
    const iterations = Number(i);
    if (!nonce.startsWith(this.#nonce) || nonce === this.#nonce) throw new Error('the server answered with another nonce');
    if (!(iterations >= FEWEST_ITERATIONS && iterations <= MOST_ITERATIONS)) throw new Error(`the server asks for ${i} iterations`);
    const salted = await derive(this.#password, Buffer.from(salt, 'base64'), iterations, 32, 'sha256');
    const clientKey = hmac(salted, 'Client Key');
    const withoutProof = `c=biws,r=${nonce}`;
    const signed = `${this.#firstBare},${challenge},${withoutProof}`;
    const signature = hmac(createHash('sha256').update(clientKey).digest(), signed);
    this.#serverSignature = hmac(hmac(salted, 'Server Key'), signed);
    const proof = clientKey.map((byte, index) => byte ^ (signature[index] ?? 0));
    return Buffer.from(`${withoutProof},p=${Buffer.from(proof).toString('base64')}`);
  }

  #checkServer(challenge: string): void {
    const { v = '', e } = attributes(challenge);
    const given = Buffer.from(v, 'base64');
    const expected = this.#serverSignature;
    if (e !== undefined || !expected || given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw new Error(e ?? 'the server did not prove that it knows the password');
    }
  }
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function attributes(message: string): Partial<Record<string, string>> {
  return Object.fromEntries(message.split(',').map((pair) => [pair.slice(0, 1), pair.slice(2)]));
}

const CHUNK = 400;

/** The lines that carry a response: base64 in pieces of 400, `+` for an empty one or to end a full piece (IRCv3 SASL 3.1). */
export function authenticateChunks(response: Buffer): string[] {
  const text = response.toString('base64');
  const chunks: string[] = [];
  for (let start = 0; start < text.length; start += CHUNK) chunks.push(text.slice(start, start + CHUNK));
  if (text.length % CHUNK === 0) chunks.push('+');
  return chunks;
}
