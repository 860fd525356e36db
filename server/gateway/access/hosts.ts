import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { GatewaySettings } from '../../database/gateway-settings.ts';
import { within } from '../../foundation/deadline.ts';
import { KosmosError } from '../../foundation/errors.ts';
import type { TcpAddress } from '../../foundation/topology.ts';
import { isPublicAddress } from '../../foundation/public-address.ts';

/** What of the admin's settings says where to. */
export type HostPolicy = Pick<GatewaySettings, 'hosts' | 'inside'> & { readonly ports: Readonly<Record<string, readonly number[]>> };

const LONGEST_LOOKUP = 5_000;
type Lookup = (host: string) => Promise<{ address: string }[]>;

const systemLookup: Lookup = (host) => lookup(host, { all: true, verbatim: true });

/**
 * The address to connect to for a host that people may reach through the gateway. The name is resolved here, once, and what is
 * returned is what must be connected to: a name that answers differently the second time gains nothing.
 * Throws KOSMOS_ERR_HOST_REFUSED.
 */
export async function resolveHost(
  policy: HostPolicy,
  platform: string,
  host: string,
  port: number,
  find: Lookup = systemLookup,
): Promise<TcpAddress> {
  const refuse = (reason: string): never => {
    throw new KosmosError('KOSMOS_ERR_HOST_REFUSED', { host: `${host}:${port}`, reason });
  };
  const name = host.toLowerCase().replace(/\.$/, '');
  const allowedInside = policy.inside.includes(`${name}:${port}`);
  if (!allowedInside) {
    if (policy.hosts !== '*' && !policy.hosts.includes(name)) refuse('the admin allows other hosts only');
    if (!policy.ports[platform]?.includes(port)) refuse(`port ${port} is not among the allowed ones`);
  }
  const addresses = isIP(name) ? [name] : await resolveName(name, find, refuse);
  const [first] = addresses;
  if (first === undefined) return refuse('the name has no address');
  if (!allowedInside && !addresses.every(isPublicAddress)) return refuse('it is not a public address');
  return { host: first, port };
}

async function resolveName(name: string, find: Lookup, refuse: (reason: string) => never): Promise<string[]> {
  const unresolved = (): never => refuse('the name cannot be resolved');
  const found = await within(LONGEST_LOOKUP, find(name).catch(unresolved), unresolved);
  return found.map(({ address }) => address);
}
