import { KosmosError } from '../../foundation/errors.ts';
import type { DomainRecord } from './records.ts';
import type { PortReach } from './reachability.ts';

const DAY = 86_400_000;
/** An admin is told this long before the end; of a certificate that lives but days, for its last quarter. */
const WARN_BEFORE = 14 * DAY;

export interface CertificatePeriod {
  readonly validFrom: Date;
  readonly validTo: Date;
}

/** What stands between the domain and a certificate, hop by hop: the first is to be mended first. */
export function problemsOf(
  domain: string,
  servers: readonly string[],
  records: readonly DomainRecord[],
  reached: readonly PortReach[],
): KosmosError[] {
  if (servers.length === 0) return [new KosmosError('KOSMOS_ERR_DNS_NO_SERVERS', { domain })];
  const own = records.filter(({ name, type }) => name === domain && (type === 'A' || type === 'AAAA'));
  const unanswered = own.find(({ state }) => state === 'unknown');
  const address = own.flatMap(({ found }) => found);
  if (unanswered && address.length === 0) {
    return [new KosmosError('KOSMOS_ERR_DNS_NO_ANSWER', { domain, servers: servers.join(', '), reason: unanswered.reason ?? '' })];
  }
  if (address.length === 0) return [new KosmosError('KOSMOS_ERR_DNS_NO_ADDRESS', { domain })];
  const wrong = own.flatMap(({ state, reason }) =>
    state === 'wrong' ? [new KosmosError('KOSMOS_ERR_DNS_ADDRESS', { domain, reason: reason ?? '' })] : [],
  );
  const caa = records.flatMap(({ type, name, state, reason }) =>
    type === 'CAA' && state === 'wrong' ? [new KosmosError('KOSMOS_ERR_DNS_CAA', { name, reason: reason ?? '' })] : [],
  );
  return [...wrong, ...caa, ...reached.flatMap((port) => reachProblem(port) ?? [])];
}

function reachProblem({ reach, port, address, reason = '' }: PortReach): KosmosError | undefined {
  switch (reach) {
    case 'here':
      return undefined;
    case 'elsewhere':
      return new KosmosError('KOSMOS_ERR_REACH_ELSEWHERE', { address, port });
    case 'closed':
      return new KosmosError('KOSMOS_ERR_REACH_CLOSED', { address, port });
    case 'silent':
      return new KosmosError('KOSMOS_ERR_REACH_SILENT', { address, port });
    case 'unreachable':
      return new KosmosError('KOSMOS_ERR_REACH_NONE', { address, port, reason });
  }
}

export function expiryProblem(domain: string, { validFrom, validTo }: CertificatePeriod, now = Date.now()): KosmosError | undefined {
  const lifetime = validTo.getTime() - validFrom.getTime();
  const left = validTo.getTime() - now;
  if (left > Math.min(WARN_BEFORE, lifetime / 4)) return undefined;
  return new KosmosError('KOSMOS_ERR_CERTIFICATE_EXPIRES', { domain, validTo: validTo.toISOString() });
}
