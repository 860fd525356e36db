import { createECDH } from 'node:crypto';
import { loadSecret } from '../../foundation/secrets.ts';

/** Who we are to push services (RFC 8292). */
export interface Vapid {
  readonly subject: string;
  readonly publicKey: string;
  readonly privateKey: string;
}

/** The private key is a secret of 32 bytes like the others; any such number is a key of P-256 but for one in four thousand million. */
export function loadVapid(dataFolder: string, domain: string): Vapid {
  const privateKey = loadSecret(dataFolder, 'vapid');
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(Buffer.from(privateKey, 'base64url'));
  return { subject: `mailto:postmaster@${domain}`, publicKey: curve.getPublicKey('base64url'), privateKey };
}
