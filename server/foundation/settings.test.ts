import { describe, expect, it } from 'vitest';
import { environmentOf, parseDomain, readSettings } from './settings.ts';

const refusal = (variable: string, reason: RegExp | string = /./) =>
  expect.objectContaining({
    code: 'KOSMOS_ERR_SETTING',
    details: { variable, reason: reason instanceof RegExp ? expect.stringMatching(reason) : reason },
  });

const read = (environment: Record<string, string>) => () => readSettings(environment, '/srv/kosmos');

it('needs no variable at all', () => {
  expect(readSettings({ PATH: '/bin' }, '/srv/kosmos')).toEqual({
    dataFolder: '/srv/kosmos/data',
    host: '127.0.0.1',
    port: 8080,
    ircPort: 6667,
    ircsPort: 6697,
    xmppPort: 5222,
    internalPort: 24_160,
    domain: undefined,
    logLevel: 'info',
    databaseUrl: undefined,
    driver: 'process',
    edge: undefined,
    acmeDirectory: undefined,
    s3: undefined,
  });
});

const everything = {
  KOSMOS_DATA: '/var/lib/kosmos',
  KOSMOS_HOST: '0.0.0.0',
  KOSMOS_PORT: '8181',
  KOSMOS_IRC_PORT: '16667',
  KOSMOS_IRCS_PORT: '16697',
  KOSMOS_XMPP_PORT: '15222',
  KOSMOS_INTERNAL_PORT: '30000',
  KOSMOS_DOMAIN: 'Chat.Example.org.',
  KOSMOS_LOG_LEVEL: 'debug',
  KOSMOS_DRIVER: 'docker',
  KOSMOS_HTTP_PORT: '10080',
  KOSMOS_HTTPS_PORT: '10443',
  KOSMOS_ACME_DIRECTORY: 'https://acme.example.org/directory',
  KOSMOS_S3: 'https://s3.example.org/documents/chat/',
  KOSMOS_S3_REGION: 'eu-central-1',
  DATABASE_URL: 'postgres://kosmos@db.example.org/kosmos',
};

it('reads every variable', () => {
  expect(readSettings(everything)).toEqual({
    dataFolder: '/var/lib/kosmos',
    host: '0.0.0.0',
    port: 8181,
    ircPort: 16_667,
    ircsPort: 16_697,
    xmppPort: 15_222,
    internalPort: 30_000,
    domain: 'chat.example.org',
    logLevel: 'debug',
    databaseUrl: 'postgres://kosmos@db.example.org/kosmos',
    driver: 'docker',
    edge: { httpPort: 10_080, httpsPort: 10_443 },
    acmeDirectory: 'https://acme.example.org/directory',
    s3: { url: 'https://s3.example.org/documents/chat', region: 'eu-central-1' },
  });
});

it('takes an empty variable for one that is not set', () => {
  const empty = Object.fromEntries(Object.keys(everything).map((variable) => [variable, '']));
  expect(readSettings(empty, '/srv/kosmos')).toEqual(readSettings({}, '/srv/kosmos'));
});

it('gives our own programs an environment that makes the same settings, wherever they run', () => {
  const partial = { KOSMOS_DATA: 'some/folder', KOSMOS_PORT: '9000' };
  for (const environment of [{}, partial, everything]) {
    const settings = readSettings(environment, '/srv/kosmos');
    expect(readSettings(environmentOf(settings), '/elsewhere')).toEqual(settings);
  }
  expect(Object.keys(environmentOf(readSettings(everything))).sort()).toEqual(Object.keys(everything).sort());
});

describe('refuses, and names the variable:', () => {
  it.each([
    ['KOSMOS_PROT', '8080', /there is no such setting \(there are KOSMOS_ACME_DIRECTORY, .*KOSMOS_PORT/],
    ['KOSMOS_PORT', '0', '“0” is not a port from 1 to 65535'],
    ['KOSMOS_PORT', '65536', /not a port/],
    ['KOSMOS_PORT', '80.5', /not a port/],
    ['KOSMOS_PORT', '0x50', /not a port/],
    ['KOSMOS_PORT', ' 8080', /not a port/],
    ['KOSMOS_IRC_PORT', 'irc', /not a port/],
    ['KOSMOS_IRCS_PORT', '-1', /not a port/],
    ['KOSMOS_XMPP_PORT', '1e3', /not a port/],
    ['KOSMOS_INTERNAL_PORT', '65535', '“65535” is not a port from 1 to 65534'],
    ['KOSMOS_HOST', 'a b', /not an address/],
    ['KOSMOS_HOST', 'http://x', /not an address/],
    ['KOSMOS_DOMAIN', 'chat_example.org', /not a domain name/],
    ['KOSMOS_LOG_LEVEL', 'loud', '“loud” is not one of trace, debug, info, warn, error, silent'],
    ['KOSMOS_DRIVER', 'podman', '“podman” is not one of process, docker'],
    ['KOSMOS_S3', 'documents', /not the address of a bucket/],
    ['KOSMOS_S3', 'https://s3.example.org/', /not the address of a bucket/],
    ['KOSMOS_S3', 'ftp://s3.example.org/documents', /not the address of a bucket/],
    ['KOSMOS_S3', 'https://key:secret@s3.example.org/documents', /^it is not the address of a bucket such as [^@]*$/],
    ['KOSMOS_S3', 'https://s3.example.org/documents?x', /not the address of a bucket/],
    ['DATABASE_URL', 'mysql://localhost/kosmos', /does not begin with postgres:\/\//],
    ['DATABASE_URL', 'data/kosmos.db', /does not begin with postgres:\/\//],
  ])('%s=%s', (variable, value, reason) => {
    expect(read({ [variable]: value })).toThrow(refusal(variable, reason));
  });

  it('a region that is none', () => {
    const environment = { KOSMOS_S3: 'http://localhost:9000/documents', KOSMOS_S3_REGION: 'a b' };
    expect(read(environment)).toThrow(refusal('KOSMOS_S3_REGION', '“a b” is not the name of a region'));
  });

  it('a port that is given twice', () => {
    expect(read({ KOSMOS_PORT: '7000', KOSMOS_IRC_PORT: '7000' })).toThrow(refusal('KOSMOS_IRC_PORT', 'port 7000 is also KOSMOS_PORT'));
    expect(read({ KOSMOS_XMPP_PORT: '24161' })).toThrow(refusal('KOSMOS_INTERNAL_PORT', 'port 24161 is also KOSMOS_XMPP_PORT'));
  });

  it('never with the value of DATABASE_URL, which may hold a password', () => {
    expect(read({ DATABASE_URL: 'mysql://kosmos:hunter2@db/kosmos' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });
});

it('derives internal ports that no neighbour has, below the range for outgoing connections', () => {
  const holders = new Map<number, number>();
  for (let port = 8000; port < 14_000; port++) {
    const environment = { KOSMOS_PORT: String(port), KOSMOS_IRC_PORT: '1', KOSMOS_IRCS_PORT: '2', KOSMOS_XMPP_PORT: '3' };
    const { internalPort } = readSettings(environment);
    for (const derived of [internalPort, internalPort + 1]) {
      expect(derived).toBeGreaterThanOrEqual(20_000);
      expect(derived).toBeLessThan(32_768);
      expect(holders.get(derived)).toBeUndefined();
      holders.set(derived, port);
    }
  }
});

it('derives an internal port also where the first guess is the public port itself', () => {
  for (const port of [27_999, 28_000]) {
    const { internalPort } = readSettings({ KOSMOS_PORT: String(port) });
    expect([port, port - 1]).not.toContain(internalPort);
  }
});

describe('a domain name', () => {
  it.each([
    ['chat.example.org', 'chat.example.org'],
    [' Chat.Example.ORG. ', 'chat.example.org'],
    ['localhost', 'localhost'],
    ['xn--mnchen-3ya.de', 'xn--mnchen-3ya.de'],
    [`${'a'.repeat(63)}.org`, `${'a'.repeat(63)}.org`],
  ])('%s', (text, domain) => {
    expect(parseDomain(text)).toBe(domain);
  });

  it.each(['', '.', 'a..b', '-a.org', 'a-.org', 'a_b.org', '192.168.1.1', 'a b.org', 'münchen.de', `${'a'.repeat(64)}.org`])(
    '“%s” is none',
    (text) => {
      expect(parseDomain(text)).toBeUndefined();
    },
  );

  it('has at most 253 characters', () => {
    const label = `${'a'.repeat(62)}.`;
    expect(parseDomain(`${label.repeat(4)}a`)).toBe(`${label.repeat(4)}a`);
    expect(parseDomain(`${label.repeat(4)}aa`)).toBeUndefined();
  });
});
