import { describe, expect, it } from 'vitest';
import { readSettings } from '../../foundation/settings.ts';
import { topologyOf } from '../../foundation/topology.ts';
import { createLogger } from '../../foundation/logging.ts';
import type { Appliance } from '../component.ts';
import { renderConfig } from './config.ts';
import { luaLiteral } from './lua.ts';

function applianceWith(environment: Record<string, string>, domain = 'chat.example.org'): Appliance {
  const settings = readSettings({ KOSMOS_DATA: '/srv/kosmos', ...environment });
  return {
    ...{ settings, topology: topologyOf(settings), domain, logger: createLogger('test', 'silent') },
    certificate: { certificateFile: '/srv/kosmos/tls/certificate.pem', keyFile: '/srv/kosmos/tls/key.pem' },
    // Rendering asks nothing of the database.
    database: undefined as unknown as Appliance['database'],
  };
}

describe('the configuration', () => {
  it('serves people on their port and everything else on loopback', () => {
    const config = renderConfig(applianceWith({ KOSMOS_HOST: '0.0.0.0', KOSMOS_XMPP_PORT: '15222', KOSMOS_INTERNAL_PORT: '21000' }));
    expect(config).toContain('c2s_interfaces = { "*" }\nc2s_ports = { 15222 }');
    expect(config).toContain('http_ports = { 21000 }\nhttp_interfaces = { "127.0.0.1" }\nhttps_ports = {}');
    expect(config).toContain('kosmos_control = "http://127.0.0.1:21001"');
    expect(config).toContain('c2s_require_encryption = true');
  });

  it('listens beyond loopback between containers, where the proxy is elsewhere', () => {
    const config = renderConfig(applianceWith({ KOSMOS_DRIVER: 'docker' }));
    expect(config).toContain('http_ports = { 5280 }\nhttp_interfaces = { "*" }');
    expect(config).toContain('trusted_proxies = { "127.0.0.1", "::1", "10.0.0.0/8"');
  });

  it('has hosts for accounts, rooms and files, with addresses on the home domain', () => {
    const config = renderConfig(applianceWith({}));
    for (const host of [
      'VirtualHost "chat.example.org"',
      'Component "rooms.chat.example.org" "muc"',
      'Component "upload.chat.example.org"',
    ]) {
      expect(config).toContain(host);
    }
    expect(config).toContain('http_external_url = "https://chat.example.org/"');
    expect(renderConfig(applianceWith({}, 'localhost'))).toContain('http_external_url = "http://localhost:8080/"');
  });

  it('talks to other servers only for a domain that they can find', () => {
    expect(renderConfig(applianceWith({}))).toContain('s2s_ports = { 5269 }');
    expect(renderConfig(applianceWith({}))).toContain('modules_disabled = {}');
    for (const [domain, options] of [
      ['localhost', {}],
      ['chat.example.org', { federationPort: false as const }],
    ] as const) {
      const config = renderConfig(applianceWith({}, domain), options);
      expect(config).toContain('s2s_ports = {}');
      expect(config).toContain('modules_disabled = { "s2s", "s2s_auth_certs" }');
    }
  });

  it('relays calls once there is a server for it, whose secret stays in its file', () => {
    expect(renderConfig(applianceWith({}))).not.toContain('turn_external');
    const turn = { host: 'turn.example.org', port: 3478, secretFile: '/srv/kosmos/secrets/turn' };
    const config = renderConfig(applianceWith({}), { turn });
    expect(config).toContain('"turn_external" }');
    expect(config).toContain('turn_external_secret = first_line("/srv/kosmos/secrets/turn")');
  });

  it('takes the limits for files that it is given', () => {
    const config = renderConfig(applianceWith({}), { uploads: { largestFile: 1_000, expireAfterDays: 2 } });
    expect(config).toContain('http_file_share_size_limit = 1000');
    expect(config).toContain('http_file_share_expires_after = 172800');
    expect(config).toContain('http_file_share_access = { "chat.example.org" }');
  });
});

describe('a Lua literal', () => {
  it('holds any text', () => {
    expect(luaLiteral('a "b" \\ c\nd\u007f ü')).toBe(String.raw`"a \"b\" \\ c\u{a}d\u{7f} ü"`);
  });

  it('holds lists and tables', () => {
    expect(luaLiteral([1, true, { 'a-b': ['c'], gone: undefined }])).toBe('{ 1, true, { ["a-b"] = { "c" } } }');
    expect(luaLiteral([])).toBe('{}');
  });
});
