import path from 'node:path';
import { KosmosError } from './errors.ts';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];
export type Driver = 'process' | 'docker';

/** The environment, read and checked once at the door. README has the table of what each variable means. */
export interface Settings {
  /** Absolute path of the data tree. */
  readonly dataFolder: string;
  readonly host: string;
  readonly port: number;
  readonly ircPort: number;
  readonly ircsPort: number;
  readonly xmppPort: number;
  /** First of two ports on loopback: Prosody's HTTP, and control's listener for Prosody. */
  readonly internalPort: number;
  /** The home domain where the environment names one; what set-up stored is used otherwise. */
  readonly domain: string | undefined;
  readonly logLevel: LogLevel;
  /** `postgres://…`, or undefined for the SQLite file in the data tree. */
  readonly databaseUrl: string | undefined;
  readonly driver: Driver;
  /** Where the edge listens for the public; undefined: there is no edge, and HTTP is served on `port` alone. */
  readonly edge: EdgePorts | undefined;
  /** The ACME directory that certificates come from, where the environment names one. */
  readonly acmeDirectory: string | undefined;
  /** The bucket for contents of remoteStorage documents; undefined: they are files in the data tree. */
  readonly s3: BucketAddress | undefined;
  /** An Ergo of somebody else’s that takes the place of ours; undefined: we run it. */
  readonly ergoAddress: { readonly host: string; readonly port: number } | undefined;
  /** The HTTP port of a Prosody of somebody else’s that takes the place of ours. */
  readonly prosodyAddress: { readonly host: string; readonly port: number } | undefined;
}

export interface BucketAddress {
  /** `https://endpoint/bucket`, perhaps with folders behind; without a slash at the end. */
  readonly url: string;
  readonly region: string;
}

export interface EdgePorts {
  readonly httpPort: number;
  readonly httpsPort: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

const known = new Set([
  'KOSMOS_DATA',
  'KOSMOS_HOST',
  'KOSMOS_PORT',
  'KOSMOS_IRC_PORT',
  'KOSMOS_IRCS_PORT',
  'KOSMOS_XMPP_PORT',
  'KOSMOS_INTERNAL_PORT',
  'KOSMOS_DOMAIN',
  'KOSMOS_LOG_LEVEL',
  'KOSMOS_DRIVER',
  'KOSMOS_HTTP_PORT',
  'KOSMOS_HTTPS_PORT',
  'KOSMOS_ACME_DIRECTORY',
  'KOSMOS_ERGO',
  'KOSMOS_S3',
  'KOSMOS_S3_REGION',
  'KOSMOS_PROSODY',
]);

/** Throws KOSMOS_ERR_SETTING that names the variable at fault. */
export function readSettings(environment: Environment, folder = process.cwd()): Settings {
  refuseUnknown(environment);
  const port = readPort(environment, 'KOSMOS_PORT', 8080);
  const driver = readOneOf(environment, 'KOSMOS_DRIVER', ['process', 'docker'] as const, 'process');
  const settings: Settings = {
    dataFolder: path.resolve(folder, environment.KOSMOS_DATA || 'data'),
    host: readHost(environment),
    port,
    ircPort: readPort(environment, 'KOSMOS_IRC_PORT', 6667),
    ircsPort: readPort(environment, 'KOSMOS_IRCS_PORT', 6697),
    xmppPort: readPort(environment, 'KOSMOS_XMPP_PORT', 5222),
    internalPort: readPort(environment, 'KOSMOS_INTERNAL_PORT', derivedInternalPort(port), 65_534),
    domain: readDomain(environment),
    logLevel: readOneOf(environment, 'KOSMOS_LOG_LEVEL', logLevels, 'info'),
    databaseUrl: readDatabaseUrl(environment),
    driver,
    edge: readEdge(environment, driver),
    acmeDirectory: readAcmeDirectory(environment),
    s3: readBucket(environment),
    ergoAddress: readAddress(environment, 'KOSMOS_ERGO'),
    prosodyAddress: readAddress(environment, 'KOSMOS_PROSODY'),
  };
  refuseSharedPorts(settings);
  return settings;
}

/** The environment that `readSettings` makes the same settings of, for our own programs. */
export function environmentOf(settings: Settings): Record<string, string> {
  return {
    KOSMOS_DATA: settings.dataFolder,
    KOSMOS_HOST: settings.host,
    KOSMOS_PORT: String(settings.port),
    KOSMOS_IRC_PORT: String(settings.ircPort),
    KOSMOS_IRCS_PORT: String(settings.ircsPort),
    KOSMOS_XMPP_PORT: String(settings.xmppPort),
    KOSMOS_INTERNAL_PORT: String(settings.internalPort),
    KOSMOS_LOG_LEVEL: settings.logLevel,
    KOSMOS_DRIVER: settings.driver,
    ...(settings.domain === undefined ? {} : { KOSMOS_DOMAIN: settings.domain }),
    ...(settings.edge && { KOSMOS_HTTP_PORT: String(settings.edge.httpPort), KOSMOS_HTTPS_PORT: String(settings.edge.httpsPort) }),
    ...(settings.acmeDirectory === undefined ? {} : { KOSMOS_ACME_DIRECTORY: settings.acmeDirectory }),
    ...(settings.ergoAddress && { KOSMOS_ERGO: `${settings.ergoAddress.host}:${settings.ergoAddress.port}` }),
    ...(settings.prosodyAddress && { KOSMOS_PROSODY: `${settings.prosodyAddress.host}:${settings.prosodyAddress.port}` }),
    ...(settings.s3 && { KOSMOS_S3: settings.s3.url, KOSMOS_S3_REGION: settings.s3.region }),
    ...(settings.databaseUrl === undefined ? {} : { DATABASE_URL: settings.databaseUrl }),
  };
}

/** Two neighbouring public ports give two pairs that do not touch; all stay below the range for outgoing connections. */
function derivedInternalPort(port: number): number {
  const first = 20_000 + ((port * 2) % 12_000);
  const isPublicPort = port === first || port === first + 1;
  return isPublicPort ? first - 12_000 : first;
}

/** A lower-case DNS name of at least one label (RFC 1123), or undefined. */
export function parseDomain(text: string): string | undefined {
  const domain = text.trim().toLowerCase().replace(/\.$/, '');
  const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
  const labels = domain.split('.');
  const numeric = /^\d+$/.test(labels.at(-1) ?? '');
  return domain.length <= 253 && !numeric && labels.every((part) => label.test(part)) ? domain : undefined;
}

function refuse(variable: string, reason: string): never {
  throw new KosmosError('KOSMOS_ERR_SETTING', { variable, reason });
}

function refuseUnknown(environment: Environment): void {
  for (const variable of Object.keys(environment)) {
    if (variable.startsWith('KOSMOS_') && !known.has(variable)) {
      refuse(variable, `there is no such setting (there are ${[...known].sort().join(', ')})`);
    }
  }
}

function readPort(environment: Environment, variable: string, fallback: number, highest = 65_535): number {
  const text = environment[variable];
  if (!text) return fallback;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > highest) refuse(variable, `“${text}” is not a port from 1 to ${highest}`);
  return port;
}

function readHost(environment: Environment): string {
  const host = environment.KOSMOS_HOST || '127.0.0.1';
  if (!/^[\w.:-]+$/.test(host)) refuse('KOSMOS_HOST', `“${host}” is not an address or host name to listen on`);
  return host;
}

function readDomain(environment: Environment): string | undefined {
  const text = environment.KOSMOS_DOMAIN;
  if (!text) return undefined;
  return parseDomain(text) ?? refuse('KOSMOS_DOMAIN', `“${text}” is not a domain name`);
}

function readAddress(environment: Environment, variable: string): Settings['ergoAddress'] {
  const text = environment[variable];
  if (!text) return undefined;
  const [, host, port] = /^([\w.-]+|[\da-f:]+):(\d{1,5})$/i.exec(text) ?? [];
  if (!host || Number(port) < 1 || Number(port) > 65_535) refuse(variable, `“${text}” is not an address such as irc.example.org:6667`);
  return { host, port: Number(port) };
}

function readOneOf<T extends string>(environment: Environment, variable: string, values: readonly T[], fallback: T): T {
  const text = environment[variable];
  if (!text) return fallback;
  return values.find((value) => value === text) ?? refuse(variable, `“${text}” is not one of ${values.join(', ')}`);
}

/** Containers always have an edge; on bare metal it is there once it is given its HTTPS port. */
function readEdge(environment: Environment, driver: Driver): EdgePorts | undefined {
  if (driver === 'process' && !environment.KOSMOS_HTTPS_PORT) return undefined;
  return { httpPort: readPort(environment, 'KOSMOS_HTTP_PORT', 80), httpsPort: readPort(environment, 'KOSMOS_HTTPS_PORT', 443) };
}

function readAcmeDirectory(environment: Environment): string | undefined {
  const text = environment.KOSMOS_ACME_DIRECTORY;
  if (!text) return undefined;
  const isHttps = URL.canParse(text) && new URL(text).protocol === 'https:';
  return isHttps ? text : refuse('KOSMOS_ACME_DIRECTORY', 'it is not an address that begins with https://');
}

function readBucket(environment: Environment): BucketAddress | undefined {
  const text = environment.KOSMOS_S3;
  if (!text) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isBucket = url && /^https?:$/.test(url.protocol) && /^(\/[\w.-]+)+\/?$/.test(url.pathname);
  if (!isBucket || /[@?#]/.test(text)) refuse('KOSMOS_S3', 'it is not the address of a bucket such as https://s3.example.org/documents');
  const region = environment.KOSMOS_S3_REGION || 'us-east-1';
  if (!/^[\w-]{1,64}$/.test(region)) refuse('KOSMOS_S3_REGION', `“${region}” is not the name of a region`);
  return { url: url.href.replace(/\/$/, ''), region };
}

function readDatabaseUrl(environment: Environment): string | undefined {
  const text = environment.DATABASE_URL;
  if (!text) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'postgres:' && url?.protocol !== 'postgresql:') {
    refuse('DATABASE_URL', 'it does not begin with postgres:// (leave it empty for SQLite)');
  }
  return text;
}

function edgePorts({ httpPort, httpsPort }: EdgePorts): [string, number][] {
  return [
    ['KOSMOS_HTTP_PORT', httpPort],
    ['KOSMOS_HTTPS_PORT', httpsPort],
  ];
}

function refuseSharedPorts(settings: Settings): void {
  const ports: [string, number][] = [
    ['KOSMOS_PORT', settings.port],
    ['KOSMOS_IRC_PORT', settings.ircPort],
    ['KOSMOS_IRCS_PORT', settings.ircsPort],
    ['KOSMOS_XMPP_PORT', settings.xmppPort],
    ['KOSMOS_INTERNAL_PORT', settings.internalPort],
    ['KOSMOS_INTERNAL_PORT', settings.internalPort + 1],
    ...(settings.edge ? edgePorts(settings.edge) : []),
  ];
  const seen = new Map<number, string>();
  for (const [variable, port] of ports) {
    const other = seen.get(port);
    if (other) refuse(variable, `port ${port} is also ${other}`);
    seen.set(port, variable);
  }
}
