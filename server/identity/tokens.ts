import { jwtVerify, SignJWT } from 'jose';
import { KosmosError } from '../foundation/errors.ts';

/** The server that a token opens. */
export type Audience = 'ergo' | 'prosody';

export interface MintedToken {
  readonly token: string;
  readonly expiresAt: string;
}

const LIFETIME_SECONDS = 60;
const ISSUER = 'kosmos';

/** Short-lived tokens (RFC 7519, HS256) by which the gateway and the daemon act for an account without a password. */
export class Tokens {
  readonly #key: Buffer;

  constructor(key: Buffer) {
    this.#key = key;
  }

  async mint(name: string, audience: Audience): Promise<MintedToken> {
    const expires = Math.floor(Date.now() / 1000) + LIFETIME_SECONDS;
    const token = await new SignJWT({ account: name })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuer(ISSUER)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(expires)
      .sign(this.#key);
    return { token, expiresAt: new Date(expires * 1000).toISOString() };
  }

  /** The account that the token names. Throws KOSMOS_ERR_TOKEN_INVALID. */
  async check(token: string, audience: Audience): Promise<string> {
    try {
      const expected = { algorithms: ['HS256'], issuer: ISSUER, audience, requiredClaims: ['exp'] };
      const { payload } = await jwtVerify<{ account: unknown }>(token, this.#key, expected);
      if (typeof payload.account !== 'string') throw new Error('it names no account');
      return payload.account;
    } catch (error) {
      throw new KosmosError('KOSMOS_ERR_TOKEN_INVALID', {}, { cause: error });
    }
  }
}

/** Three base64url parts: no password that a person types looks so. */
export function looksLikeToken(secret: string): boolean {
  return /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/.test(secret);
}
