import { lookup } from 'node:dns/promises';
import { BlockList, isIP, isIPv6 } from 'node:net';

/**
 * Addresses that are not on the public internet (IANA's special-purpose registries, RFC 6890): this machine, its network, metadata
 * services, multicast, documentation, benchmarks, relays into IPv4.
 */
const special = new BlockList();
const specialV4: readonly [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];
/** Within 2000::/3, the only block that is routed in public. */
const specialV6: readonly [string, number][] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
];
for (const [network, prefix] of specialV4) special.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of specialV6) special.addSubnet(network, prefix, 'ipv6');

const routed = new BlockList();
routed.addSubnet('2000::', 3, 'ipv6');

/** False for anything that is not plainly a public unicast address; IPv6 that wraps an IPv4 address is none. */
export function isPublicAddress(address: string): boolean {
  if (isIPv6(address)) return routed.check(address, 'ipv6') && !special.check(address, 'ipv6');
  return isIP(address) === 4 && !special.check(address, 'ipv4');
}

/** Addresses by which a URL that a stranger named may be called; empty if there are none. Connect to these, not to the name. */
export type FindAddresses = (url: URL) => Promise<string[]>;

/** `host:port` as an admin names places of their own network. */
export function placeOf({ protocol, hostname, port }: URL): string {
  return `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`;
}

/** Public addresses only, but for places of the own network that the admin named. */
export function allowing(inner: ReadonlySet<string>): FindAddresses {
  return async (url) => {
    if (!inner.has(placeOf(url))) return findPublicAddresses(url.hostname);
    return (await lookup(url.hostname.replace(/^\[|\]$/g, ''), { all: true })).map(({ address }) => address);
  };
}

export const publicOnly: FindAddresses = (url) => findPublicAddresses(url.hostname);

/** The public addresses of a host, in the resolver's order: connect to these, not to the name, which may resolve anew. */
export async function findPublicAddresses(host: string): Promise<string[]> {
  const found = await lookup(host.replace(/^\[|\]$/g, ''), { all: true });
  return found.map(({ address }) => address).filter(isPublicAddress);
}
