import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { saslprep } from '@mongodb-js/saslprep';

export type ScramMechanism = 'SCRAM-SHA-256' | 'SCRAM-SHA-1';

const derive = promisify(pbkdf2);
const hashes = { 'SCRAM-SHA-256': { name: 'sha256', bytes: 32 }, 'SCRAM-SHA-1': { name: 'sha1', bytes: 20 } } as const;
/** RFC 7677 asks servers for 4,096 rounds at least; more than the upper bound would let a server burn our time. */
const FEWEST_ROUNDS = 4_096;
const MOST_ROUNDS = 1_000_000;

/** The client's side of RFC 5802, without channel binding. */
export class ScramClient {
  readonly mechanism: ScramMechanism;
  readonly #bare: string;
  readonly #nonce = randomBytes(18).toString('base64');
  readonly #password: string;
  #serverSignature: Buffer | undefined;

  constructor(mechanism: ScramMechanism, username: string, password: string) {
    this.mechanism = mechanism;
    this.#password = saslprep(password);
    this.#bare = `n=${saslprep(username).replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${this.#nonce}`;
  }

  first(): string {
    return `n,,${this.#bare}`;
  }

  /** Answers the server's challenge; throws where it is not one that RFC 5802 allows. */
  async final(challenge: string): Promise<string> {
    const fields = fieldsOf(challenge);
    const nonce = fields.get('r') ?? '';
    const rounds = Number(fields.get('i'));
    const salt = Buffer.from(fields.get('s') ?? '', 'base64');
    if (fields.has('m') || !nonce.startsWith(this.#nonce) || nonce === this.#nonce || salt.length === 0)
      throw new Error('a wrong challenge');
    if (!(rounds >= FEWEST_ROUNDS && rounds <= MOST_ROUNDS)) throw new Error(`${rounds} rounds are too few or too many`);
    const { name, bytes } = hashes[this.mechanism];
    const salted = await derive(this.#password, salt, rounds, bytes, name);
    const hmac = (key: Buffer, text: string): Buffer => createHmac(name, key).update(text).digest();
    const withoutProof = `c=biws,r=${nonce}`;
    const conversation = `${this.#bare},${challenge},${withoutProof}`;
    const clientKey = hmac(salted, 'Client Key');
    const signature = hmac(createHash(name).update(clientKey).digest(), conversation);
    this.#serverSignature = hmac(hmac(salted, 'Server Key'), conversation);
    const proof = clientKey.map((byte, index) => byte ^ (signature[index] ?? 0));
    return `${withoutProof},p=${Buffer.from(proof).toString('base64')}`;
  }

  /** Whether the server knows the password's keys too: otherwise it is an impostor. */
  verify(success: string): boolean {
    const given = Buffer.from(fieldsOf(success).get('v') ?? '', 'base64');
    return this.#serverSignature?.length === given.length && timingSafeEqual(this.#serverSignature, given);
  }
}

function fieldsOf(message: string): Map<string, string> {
  return new Map(message.split(',').map((field) => [field.slice(0, 1), field.slice(2)]));
}
