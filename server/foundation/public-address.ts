import { lookup } from 'node:dns/promises';
import net from 'node:net';

const blocked = new net.BlockList();
for (const [address, prefix] of [
  ...([
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
  ] as const),
  ...([
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
    ['192.88.99.0', 24],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
  ] as const),
  ...([
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
    ['224.0.0.0', 4],
    ['240.0.0.0', 4],
  ] as const),
]) {
  blocked.addSubnet(address, prefix, 'ipv4');
}
/** All that is handed out to the public is below 2000::/3; what tunnels or maps IPv4 into it is not for us. */
const global = new net.BlockList();
global.addSubnet('2000::', 3, 'ipv6');
for (const [address, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  blocked.addSubnet(address, prefix, 'ipv6');
}

/** Whether an IP address is one of the public Internet (RFC 6890): never this machine, its network or its provider's. */
export function isPublicAddress(address: string): boolean {
  const family = net.isIP(address);
  if (family === 4) return !blocked.check(address, 'ipv4');
  return family === 6 && global.check(address, 'ipv6') && !blocked.check(address, 'ipv6');
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
