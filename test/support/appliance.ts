import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findStartTime } from '../../server/supervisor/proc.ts';
import { eventually } from './eventually.ts';
import { findAppliancePorts } from './ports.ts';

export const root = path.join(import.meta.dirname, '../..');
const main = path.join(root, 'server/dist/control/main.js');
export const PASSWORD = 'correct horse battery';

export interface Health {
  status: string;
  components: Record<string, { state: string; pid?: number; restarts: number; reason?: string; memory?: number }>;
}

/** A whole appliance of its own: built code, real servers, ports and a data folder that no other test uses. */
export class TestAppliance {
  readonly folder: string;
  readonly environment: Record<string, string>;
  readonly port: number;
  readonly ircPort: number;
  readonly ircsPort: number;
  readonly xmppPort: number;
  readonly internalPort: number;
  output = '';
  #control: ChildProcess | undefined;

  static async create(environment: Record<string, string> = {}): Promise<TestAppliance> {
    if (!existsSync(main)) throw new Error('The server is not built: run npm run build -w server');
    return new TestAppliance(await findAppliancePorts(), environment);
  }

  /** The same, started and set up: team “Orbit” with owner ada. */
  static async startSetUp(home: 'irc' | 'xmpp', environment: Record<string, string> = {}): Promise<{ appliance: TestAppliance; ada: Api }> {
    const appliance = await TestAppliance.create(environment);
    await appliance.start();
    return { appliance, ada: await appliance.setUp(home) };
  }

  private constructor({ ports, internalPort }: Awaited<ReturnType<typeof findAppliancePorts>>, environment: Record<string, string>) {
    this.folder = mkdtempSync(path.join(os.tmpdir(), 'kosmos-'));
    [this.port, this.ircPort, this.ircsPort, this.xmppPort] = ports;
    this.internalPort = internalPort;
    this.environment = {
      KOSMOS_DATA: path.join(this.folder, 'data'),
      KOSMOS_PORT: String(this.port),
      KOSMOS_IRC_PORT: String(this.ircPort),
      KOSMOS_IRCS_PORT: String(this.ircsPort),
      KOSMOS_XMPP_PORT: String(this.xmppPort),
      KOSMOS_INTERNAL_PORT: String(internalPort),
      ...environment,
    };
  }

  get dataFolder(): string {
    return this.environment.KOSMOS_DATA ?? '';
  }

  get origin(): string {
    return `http://localhost:${this.port}`;
  }

  get controlPid(): number {
    return this.#control?.pid ?? 0;
  }

  /** The certificate that IRC and XMPP clients must trust. */
  get certificate(): string {
    return readFileSync(this.certificateFile, 'utf8');
  }

  get certificateFile(): string {
    return path.join(this.dataFolder, 'tls/localhost/certificate.pem');
  }

  /** Starts control and waits until every component is ready. */
  async start(): Promise<void> {
    const environment = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...this.environment };
    const child = spawn(process.execPath, ['--max-semi-space-size=2', main], {
      cwd: root,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#control = child;
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    await this.untilHealthy();
  }

  async untilHealthy(limit = 60_000): Promise<Health> {
    return eventually(
      'every component is ready',
      async () => {
        if (this.#control?.exitCode !== null) throw new Error(`control ended:\n${this.output}`);
        const health = await this.health();
        return (health?.status === 'ok' || health?.status === 'setup') && health;
      },
      limit,
    ).catch((error: Error) => {
      throw new Error(`${error.message}\n${this.output}\n${this.#componentLogs()}`);
    });
  }

  async health(): Promise<Health | undefined> {
    const answer = await fetch(`${this.origin}/api/health`).catch(() => undefined);
    return answer && ((await answer.json()) as Health);
  }

  /** Waits until there is one: number 0 would mean the test's own process group to whoever kills it. */
  async componentPid(name: string): Promise<number> {
    return eventually(`${name} has a process`, async () => (await this.health())?.components[name]?.pid);
  }

  /** SIGTERM; resolves with the milliseconds it took. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number> {
    const began = performance.now();
    if (this.#control && this.#control.exitCode === null && this.#control.signalCode === null) {
      this.#control.kill(signal);
      await once(this.#control, 'exit');
    }
    return performance.now() - began;
  }

  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Who asks without a session. */
  get anybody(): Api {
    return new Api(this.origin);
  }

  async setUp(home: 'irc' | 'xmpp', more: object = {}): Promise<Api> {
    const token = readFileSync(path.join(this.dataFolder, 'secrets/setup'), 'utf8');
    await this.anybody.ask(201, 'POST', '/api/setup', {
      token,
      team: { name: 'Orbit', home },
      owner: { name: 'ada', password: PASSWORD },
      ...more,
    });
    return this.logIn('ada');
  }

  async logIn(name: string, password = PASSWORD): Promise<Api> {
    const { token } = await this.anybody.ask<{ token: string }>(201, 'POST', '/api/session', { name, password, kind: 'program' });
    return new Api(this.origin, token);
  }

  /** Invites somebody who accepts and logs in. */
  async join(owner: Api, team: string, name: string, role = 'member'): Promise<Api> {
    const { token } = await owner.ask<{ token: string }>(201, 'POST', `/api/teams/${team}/invites`, { role });
    await this.anybody.ask(201, 'POST', `/api/invites/${token}/accept`, { name, password: PASSWORD });
    return this.logIn(name);
  }

  #componentLogs(): string {
    return ['ergo', 'prosody', 'gateway', 'storage', 'daemon']
      .map((name) => path.join(this.dataFolder, 'logs', `${name}.log`))
      .filter((file) => existsSync(file))
      .map((file) => `--- ${path.basename(file)}\n${readFileSync(file, 'utf8').split('\n').slice(-15).join('\n')}`)
      .join('\n');
  }
}

/** The HTTP API as one account. */
export class Api {
  readonly token: string | undefined;
  readonly #origin: string;

  constructor(origin: string, token?: string) {
    this.#origin = origin;
    this.token = token;
  }

  async send(method: string, url: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    const headers = {
      ...(this.token ? { authorization: `Bearer ${this.token}` } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const answer = await fetch(this.#origin + url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
  }

  /** The body of an answer with that status; anything else fails the test. */
  async ask<T = unknown>(status: number, method: string, url: string, body?: unknown): Promise<T> {
    const answer = await this.send(method, url, body);
    if (answer.status !== status)
      throw new Error(`${method} ${url}: ${answer.status} instead of ${status}: ${JSON.stringify(answer.body)}`);
    return answer.body as T;
  }
}

export function isRunning(pid: number): boolean {
  return findStartTime(pid) !== undefined;
}
