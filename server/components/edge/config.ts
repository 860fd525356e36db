import path from 'node:path';
import type { Settings } from '../../foundation/settings.ts';
import type { Appliance } from '../component.ts';
import { MARK_PATH } from './reachability.ts';

/** Names that no public authority gives a certificate for (RFC 6761, RFC 6762, RFC 9476, ICANN's .internal). */
const privateEndings = ['localhost', 'test', 'example', 'invalid', 'local', 'internal', 'alt', 'home.arpa', 'lan'];
/** What who configures the edge must call it; a web page that is led to its socket calls it otherwise. */
export const ADMIN_HOST = 'edge';
const HSTS = 'max-age=31536000';
/** How long a connection may stand between its requests; websockets are none of these. */
const IDLE = '5m';

export function edgePaths(settings: Pick<Settings, 'dataFolder'>) {
  const folder = path.join(settings.dataFolder, 'edge');
  return { folder, config: path.join(folder, 'caddy.json'), store: path.join(folder, 'caddy'), acmeLog: path.join(folder, 'acme.log') };
}

/** Whether a public authority can be asked for a certificate for the domain; else Caddy's own authority signs it. */
export function isPublicDomain(domain: string): boolean {
  return domain.includes('.') && !privateEndings.some((ending) => domain === ending || domain.endsWith(`.${ending}`));
}

/** Caddy's configuration as JSON. It holds no secret. */
export function renderConfig(appliance: Appliance): string {
  const { settings, topology } = appliance;
  const document = {
    admin: { listen: `unix/${topology.edgeAdmin.socketPath}`, origins: [ADMIN_HOST], config: { persist: false } },
    logging: logging(settings),
    storage: { module: 'file_system', root: edgePaths(settings).store },
    apps: { http: httpApp(appliance), tls: tlsApp(appliance) },
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** What the authority said goes into a file too: control reads there why there is no certificate. */
function logging(settings: Settings): object {
  const acme = { output: 'file', filename: edgePaths(settings).acmeLog, roll_size_mb: 1, roll_keep: 1 };
  return {
    logs: {
      default: { level: settings.logLevel === 'debug' ? 'DEBUG' : 'INFO', encoder: { format: 'json' } },
      acme: { writer: acme, encoder: { format: 'json' }, include: ['tls.obtain', 'tls.renew', 'tls.issuance'] },
    },
  };
}

function httpApp({ settings, topology, domain }: Appliance): object {
  const { httpPort, httpsPort } = settings.edge ?? { httpPort: 80, httpsPort: 443 };
  const host =
    settings.host === '0.0.0.0' || settings.host === '::' ? '' : settings.host.includes(':') ? `[${settings.host}]` : settings.host;
  const toControl = {
    handler: 'reverse_proxy',
    upstreams: [{ dial: `${topology.controlHttp.host}:${topology.controlHttp.port}` }],
    flush_interval: -1,
    headers: { request: { set: { 'X-Forwarded-Host': ['{http.request.host}'] } } },
  };
  return {
    http_port: httpPort,
    https_port: httpsPort,
    grace_period: '2s',
    servers: {
      // Caddy adds the answers to the authority and sends everything else on to HTTPS.
      plain: { listen: [`${host}:${httpPort}`], routes: [{ match: [{ path: [MARK_PATH] }], handle: [toControl], terminal: true }] },
      home: {
        listen: [`${host}:${httpsPort}`],
        idle_timeout: IDLE,
        read_header_timeout: '30s',
        routes: [
          {
            match: [{ host: [domain] }],
            handle: [
              { handler: 'headers', response: { set: { 'Strict-Transport-Security': [HSTS] }, delete: ['Server'], deferred: true } },
              { handler: 'encode', encodings: { zstd: {}, gzip: {} }, prefer: ['zstd', 'gzip'], minimum_length: 512 },
              toControl,
            ],
            terminal: true,
          },
        ],
      },
    },
  };
}

function tlsApp({ settings, domain, acmeDirectory = settings.acmeDirectory }: Appliance): object {
  const isAcme = acmeDirectory !== undefined || isPublicDomain(domain);
  const acme = { module: 'acme', ...(acmeDirectory === undefined ? {} : { ca: acmeDirectory }) };
  return {
    certificates: { automate: [domain] },
    automation: { policies: [{ subjects: [domain], issuers: [isAcme ? acme : { module: 'internal' }] }] },
  };
}
