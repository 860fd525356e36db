import { describe, expect, it } from 'vitest';
import { defaultGatewaySettings as defaultPolicy } from '../../database/gateway-settings.ts';
import { resolveHost } from './hosts.ts';

const answers =
  (...addresses: string[]) =>
  (): Promise<{ address: string }[]> =>
    Promise.resolve(addresses.map((address) => ({ address })));
const refused = { code: 'KOSMOS_ERR_HOST_REFUSED' };

describe('resolveHost', () => {
  it('gives the address that was checked, not the name', async () => {
    await expect(resolveHost(defaultPolicy, 'irc', 'irc.example.org', 6697, answers('93.184.216.34'))).resolves.toEqual({
      host: '93.184.216.34',
      port: 6697,
    });
  });

  it('refuses a name that has one inside address among public ones', async () => {
    await expect(resolveHost(defaultPolicy, 'irc', 'x.example.org', 6697, answers('93.184.216.34', '10.0.0.1'))).rejects.toMatchObject(
      refused,
    );
  });

  it.each(['127.0.0.1', '[::1]', '::1', '169.254.169.254', 'localhost', '127.1', '2130706433', '0x7f.1'])('refuses %s', async (host) => {
    await expect(resolveHost(defaultPolicy, 'irc', host, 6667)).rejects.toMatchObject(refused);
  });

  it('refuses ports that are not for the platform', async () => {
    for (const port of [22, 25, 80, 6379]) {
      await expect(resolveHost(defaultPolicy, 'irc', 'irc.example.org', port, answers('93.184.216.34'))).rejects.toMatchObject(refused);
    }
  });

  it('keeps to the hosts that the admin names, and lets in what is named inside', async () => {
    const policy = { ...defaultPolicy, hosts: ['irc.example.org'], inside: ['irc.intranet:6667'] };
    await expect(resolveHost(policy, 'irc', 'IRC.example.org.', 6697, answers('93.184.216.34'))).resolves.toMatchObject({ port: 6697 });
    await expect(resolveHost(policy, 'irc', 'other.example.org', 6697, answers('93.184.216.34'))).rejects.toMatchObject(refused);
    await expect(resolveHost(policy, 'irc', 'irc.intranet', 6667, answers('10.0.0.9'))).resolves.toEqual({ host: '10.0.0.9', port: 6667 });
    await expect(resolveHost(policy, 'irc', 'irc.intranet', 6668, answers('10.0.0.9'))).rejects.toMatchObject(refused);
  });

  it('refuses what cannot be resolved', async () => {
    const fails = (): Promise<never> => Promise.reject(new Error('ENOTFOUND'));
    await expect(resolveHost(defaultPolicy, 'irc', 'nowhere.example.org', 6697, fails)).rejects.toMatchObject(refused);
    await expect(resolveHost(defaultPolicy, 'irc', 'empty.example.org', 6697, answers())).rejects.toMatchObject(refused);
  });
});
