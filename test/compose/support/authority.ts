import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '../../support/eventually.ts';
import { findFreePorts } from '../../support/ports.ts';

const run = promisify(execFile);

export interface AuthorityOptions {
  readonly folder: string;
  /** The name by which containers reach this machine. */
  readonly host: string;
  /** Where the appliance's port 80 and 443 are, on this machine. */
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly lifetimeSeconds: number;
}

/** Pebble, Debian's ACME server for tests, with a name server of its own that sends every name to this machine. */
export class TestAuthority {
  readonly directory: string;
  /** PEM files: system authorities and the one that signed Pebble's own HTTPS. */
  readonly bundleFile: string;
  readonly #managementPort: number;
  readonly #children: ChildProcess[];
  readonly #ownCertificate: string;

  static async start(options: AuthorityOptions): Promise<TestAuthority> {
    const [port = 0, managementPort = 0, dnsPort = 0, dnsManagement = 0] = await findFreePorts(4);
    const { folder, host } = options;
    await makeCertificate(folder, host);
    const config = path.join(folder, 'pebble.json');
    writeFileSync(
      config,
      JSON.stringify({
        pebble: { ...pebbleConfig(options), listenAddress: `0.0.0.0:${port}`, managementListenAddress: `127.0.0.1:${managementPort}` },
      }),
    );
    const nameServer = ['-dns01', `127.0.0.1:${dnsPort}`, '-management', `127.0.0.1:${dnsManagement}`, '-defaultIPv4', '127.0.0.1'];
    const nothingElse = ['-defaultIPv6', '', '-http01', '', '-https01', '', '-tlsalpn01', ''];
    const children = [
      spawn('pebble-challtestsrv', [...nameServer, ...nothingElse], { stdio: 'ignore' }),
      spawn('pebble', ['-config', config, '-dnsserver', `127.0.0.1:${dnsPort}`, '-strict'], {
        env: { PATH: process.env.PATH, PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '0' },
        stdio: 'ignore',
      }),
    ];
    const authority = new TestAuthority(folder, `https://${host}:${port}/dir`, managementPort, children);
    await eventually('Pebble answers', () => authority.findRoot().catch(() => undefined));
    return authority;
  }

  private constructor(folder: string, directory: string, managementPort: number, children: ChildProcess[]) {
    this.directory = directory;
    this.bundleFile = path.join(folder, 'bundle.pem');
    this.#ownCertificate = readFileSync(path.join(folder, 'authority.pem'), 'utf8');
    this.#managementPort = managementPort;
    this.#children = children;
    writeFileSync(this.bundleFile, readFileSync('/etc/ssl/certs/ca-certificates.crt', 'utf8') + this.#ownCertificate);
  }

  /** The root that signs what Pebble issues, in PEM. */
  findRoot(): Promise<string> {
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: this.#managementPort, path: '/roots/0', rejectUnauthorized: false };
      https
        .get(options, (incoming) => {
          let body = '';
          incoming.setEncoding('utf8').on('data', (text: string) => (body += text));
          incoming.on('end', () => resolve(body));
        })
        .on('error', reject);
    });
  }

  async stop(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null) continue;
      child.kill();
      await once(child, 'exit');
    }
  }
}

function pebbleConfig({ folder, httpPort, httpsPort, lifetimeSeconds }: AuthorityOptions): object {
  return {
    certificate: path.join(folder, 'pebble.pem'),
    privateKey: path.join(folder, 'pebble-key.pem'),
    httpPort,
    tlsPort: httpsPort,
    ocspResponderURL: '',
    externalAccountBindingRequired: false,
    certificateValidityPeriod: lifetimeSeconds,
  };
}

async function makeCertificate(folder: string, host: string): Promise<void> {
  const file = (name: string): string => path.join(folder, name);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await run('openssl', [
    'req',
    '-x509',
    ...key,
    '-keyout',
    file('authority-key.pem'),
    '-days',
    '2',
    '-subj',
    '/CN=Test authority',
    '-out',
    file('authority.pem'),
  ]);
  const request = ['req', '-x509', ...key, '-keyout', file('pebble-key.pem'), '-days', '2', '-subj', `/CN=${host}`];
  const extensions = ['-addext', `subjectAltName=DNS:${host}`, '-addext', 'basicConstraints=critical,CA:FALSE'];
  await run('openssl', [
    ...request,
    ...extensions,
    '-CA',
    file('authority.pem'),
    '-CAkey',
    file('authority-key.pem'),
    '-out',
    file('pebble.pem'),
  ]);
}
