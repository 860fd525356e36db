import { KosmosError, messageOf } from '../../foundation/errors.ts';

/** What TLS says of certificates (OpenSSL's names, and Node's own for a name that does not fit). */
const certificateCodes =
  /^(CERT_|ERR_TLS_CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(VERIFY|GET_ISSUER|DECRYPT_CERT|DECODE_ISSUER)|INVALID_(CA|PURPOSE)|HOSTNAME_MISMATCH)/;

/** Why a server could not be connected to, for people: a certificate that is not to be trusted is said to be that. */
export function connectionError(server: string, error: unknown): KosmosError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const name = certificateCodes.test(code) ? 'KOSMOS_ERR_SERVER_CERTIFICATE' : 'KOSMOS_ERR_SERVER_UNREACHABLE';
  return new KosmosError(name, { server, reason: messageOf(error) }, { cause: error });
}
