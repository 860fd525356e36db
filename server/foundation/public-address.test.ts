import { describe, expect, it } from 'vitest';
import { findPublicAddresses, isPublicAddress } from './public-address.ts';

const inside = `0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.170 192.168.1.1
  198.18.0.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 :: ::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::ffff:7f00:1 ::127.0.0.1
  64:ff9b::7f00:1 64:ff9b:1::1 100::1 2001::1 2001:db8::1 2002:7f00:1:: fc00::1 fd12:3456::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1 3fff::1
  localhost 127.1 2130706433 0x7f000001 017700000001 0x7f.1 1.1.1`.split(/\s+/);
const outside = ['1.1.1.1', '8.8.8.8', '93.184.216.34', '172.32.0.1', '192.169.0.1', '2606:4700:4700::1111', '2a00:1450:4001::1'];

describe('isPublicAddress', () => {
  it.each(inside)('refuses %s', (address) => expect(isPublicAddress(address)).toBe(false));
  it.each(outside)('accepts %s', (address) => expect(isPublicAddress(address)).toBe(true));
});

it('leaves out what a name hides', async () => {
  expect(await findPublicAddresses('localhost')).toEqual([]);
  expect(await findPublicAddresses('[::1]')).toEqual([]);
});
