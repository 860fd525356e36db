import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '../../support/eventually.ts';
import { findFreePorts } from '../../support/ports.ts';

const run = promisify(execFile);
export const root = path.join(import.meta.dirname, '../../..');
export const DOMAIN = 'chat.example.test';
export const PASSWORD = 'correct horse battery';
/** By this name containers reach this machine. */
export const OUTSIDE = 'outside.test';

export interface Ports {
  readonly http: number;
  readonly https: number;
  readonly ircs: number;
  readonly xmpp: number;
  readonly xmpps: number;
  readonly xmppServer: number;
}

export interface Answer<T> {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: T;
}

/** A Compose project of its own from the product's compose.yaml, with other ports and trust in the test's authority. */
export class ComposeProject {
  readonly name = `kosmos-test-${randomBytes(3).toString('hex')}`;
  readonly ports: Ports;
  readonly #folder: string;
  #authority = '';

  static async create(folder: string): Promise<ComposeProject> {
    const [http = 0, https = 0, ircs = 0, xmpp = 0, xmpps = 0, xmppServer = 0] = await findFreePorts(6);
    return new ComposeProject(folder, { http, https, ircs, xmpp, xmpps, xmppServer });
  }

  private constructor(folder: string, ports: Ports) {
    this.#folder = folder;
    this.ports = ports;
  }

  /** What an admin writes into `.env`, and beside it what a test needs. */
  configure(settings: Record<string, string>, bundleFile: string): void {
    const { http, https, ircs, xmpp, xmpps, xmppServer } = this.ports;
    const all = {
      ...{ KOSMOS_DOMAIN: DOMAIN, BASE_IMAGE: process.env.BASE_IMAGE ?? '', HTTP_PORT: http, HTTPS_PORT: https, IRCS_PORT: ircs },
      ...{ XMPP_PORT: xmpp, XMPPS_PORT: xmpps, XMPP_SERVER_PORT: xmppServer, ...settings },
    };
    const lines = Object.entries(all).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(path.join(this.#folder, '.env'), lines.join(''));
    const edge = { extra_hosts: [`${OUTSIDE}:host-gateway`], volumes: [`${bundleFile}:/etc/ssl/certs/ca-certificates.crt:ro`] };
    writeFileSync(path.join(this.#folder, 'override.json'), JSON.stringify({ services: { edge } }));
  }

  /** Everything that `docker compose …` printed. Rejects with what it printed if it fails. */
  async compose(...args: string[]): Promise<string> {
    const files = ['-f', path.join(root, 'compose.yaml'), '-f', path.join(this.#folder, 'override.json')];
    const project = ['compose', '-p', this.name, ...files, '--env-file', path.join(this.#folder, '.env'), '--progress', 'plain'];
    return this.docker(...project, ...args);
  }

  async docker(...args: string[]): Promise<string> {
    const { stdout, stderr } = await run('docker', args, { cwd: root, timeout: 30 * 60_000, maxBuffer: 64 * 1024 * 1024 }).catch(
      (error: { stdout: string; stderr: string }) => {
        throw new Error(`docker ${args.join(' ')}:\n${error.stdout.slice(-3_000)}\n${error.stderr.slice(-5_000)}`);
      },
    );
    return stdout + stderr;
  }

  /** Runs JavaScript in control's container; gives what it printed. */
  async inControl(script: string): Promise<string> {
    return (await this.compose('exec', '-T', 'control', 'node', '--input-type=module', '-e', script)).trim();
  }

  /** Runs a shell command in a service's container; gives what it printed. */
  inService(service: string, command: string): Promise<string> {
    return this.compose('exec', '-T', service, 'bash', '-c', command);
  }

  trust(authority: string): void {
    this.#authority = authority;
  }

  /** One request to the edge by HTTPS, whose certificate must be the trusted authority's and for the domain. */
  ask<T = unknown>(method: string, url: string, body?: unknown, token?: string, more: Record<string, string> = {}): Promise<Answer<T>> {
    return new Promise((resolve, reject) => {
      const headers = {
        ...{ host: DOMAIN, ...more, ...(token ? { authorization: `Bearer ${token}` } : {}) },
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      };
      const options = { host: '127.0.0.1', port: this.ports.https, servername: DOMAIN, ca: this.#authority, method, path: url, headers };
      const outgoing = https.request({ ...options, agent: false, timeout: 90_000 }, (incoming) => {
        let text = '';
        incoming.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: parse(text) as T }));
      });
      outgoing.on('error', reject);
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** Waits for every component, by what the edge answers. */
  async untilHealthy(limit = 180_000): Promise<Record<string, { state: string; restarts: number; memory?: number; reason?: string }>> {
    let last: unknown;
    try {
      return await eventually(
        'every component is ready',
        async () => {
          const { body } = await this.ask<Health>('GET', '/api/health').catch((error: Error) => ({
            body: { status: error.message } as Health,
          }));
          last = body;
          return (body.status === 'ok' || body.status === 'setup') && body.components;
        },
        limit,
      );
    } catch (error) {
      throw new Error(
        `${(error as Error).message}\n${JSON.stringify(last)}\n${(await this.compose('logs', '--tail', '30')).slice(-12_000)}`,
        { cause: error },
      );
    }
  }

  async logIn(name: string): Promise<string> {
    const { body } = await this.ask<{ token: string }>('POST', '/api/session', { name, password: PASSWORD, kind: 'program' });
    return body.token;
  }

  async remove(): Promise<void> {
    await this.compose('down', '--volumes', '--timeout', '10');
  }
}

interface Health {
  status: string;
  components: Record<string, { state: string; restarts: number; memory?: number; reason?: string }>;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
