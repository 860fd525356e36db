import dns from 'node:dns/promises';
import type { XmppAccount } from '../credentials.ts';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly isDirectTls: boolean;
}

export type ResolveSrv = (name: string) => Promise<readonly SrvRecord[]>;

interface SrvRecord {
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

export const CLIENT_PORT = 5222;
const DIRECT_TLS_PORT = 5223;
const MOST_ENDPOINTS = 6;
const DNS_TIME = 5_000;

/** Where a server may be reached, best first: as the credentials say, else by SRV (RFC 6120, 3.2.1 and XEP-0368), else port 5222. */
export async function endpointsOf(account: XmppAccount, resolveSrv: ResolveSrv = systemSrv): Promise<readonly Endpoint[]> {
  if (account.server !== undefined || account.port !== undefined) {
    const port = account.port ?? CLIENT_PORT;
    return [{ host: account.server ?? account.domain, port, isDirectTls: port === DIRECT_TLS_PORT }];
  }
  const [starttls, direct] = await Promise.all([
    resolveSrv(`_xmpp-client._tcp.${account.domain}`).catch(() => []),
    resolveSrv(`_xmpps-client._tcp.${account.domain}`).catch(() => []),
  ]);
  const records = [
    ...direct.map((record) => ({ ...record, isDirectTls: true })),
    ...starttls.map((record) => ({ ...record, isDirectTls: false })),
  ].filter(({ name }) => name !== '' && name !== '.');
  if (records.length === 0) return [{ host: account.domain, port: CLIENT_PORT, isDirectTls: false }];
  const sorted = records.toSorted((a, b) => a.priority - b.priority || drawn(b) - drawn(a));
  return sorted.slice(0, MOST_ENDPOINTS).map(({ name, port, isDirectTls }) => ({ host: name, port, isDirectTls }));
}

/** RFC 2782: among equals, chance according to weight. */
function drawn({ weight }: SrvRecord): number {
  return Math.random() ** (1 / (weight + 1));
}

async function systemSrv(name: string): Promise<readonly SrvRecord[]> {
  const resolver = new dns.Resolver({ timeout: DNS_TIME, tries: 1 });
  return resolver.resolveSrv(name);
}
