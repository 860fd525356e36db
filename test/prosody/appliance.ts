import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Appliance } from '../../server/components/component.ts';
import { ProsodyApi } from '../../server/components/prosody/api.ts';
import { prosody } from '../../server/components/prosody/component.ts';
import { prosodyPaths } from '../../server/components/prosody/config.ts';
import { ProsodyProvisioner } from '../../server/components/prosody/provision.ts';
import { dialectOf, openDatabase } from '../../server/database/database.ts';
import { Outbox, type Change } from '../../server/database/events.ts';
import { migrate } from '../../server/database/migrate.ts';
import { migrations } from '../../server/database/migrations/all.ts';
import type { Role } from '../../server/database/schema.ts';
import { createLogger } from '../../server/foundation/logging.ts';
import { loadKey } from '../../server/foundation/secrets.ts';
import { readSettings, type LogLevel } from '../../server/foundation/settings.ts';
import { topologyOf } from '../../server/foundation/topology.ts';
import { createAccount, createKeys, type Account } from '../../server/identity/accounts.ts';
import { Tokens } from '../../server/identity/tokens.ts';
import { addMember } from '../../server/teams/members.ts';
import type { Team } from '../../server/teams/teams.ts';
import { findAppliancePorts } from '../support/ports.ts';
import { ControlForProsody } from './control.ts';

const PATIENCE = 15_000;
export const domain = 'chat.example.org';

export function passwordOf(name: string): string {
  return `${name}'s long pässword`;
}

/** As much of an appliance as Prosody needs: a database, control's answers about log-ins, Prosody itself and its provisioner. */
export class TestAppliance {
  readonly appliance: Appliance;
  readonly outbox: Outbox;
  readonly provisioner: ProsodyProvisioner;
  readonly api: ProsodyApi;
  readonly tokens: Tokens;
  readonly control: ControlForProsody;
  output = '';
  #prosody: ChildProcess | undefined;
  #cursor = 0;

  static async start(logLevel: LogLevel = 'info'): Promise<TestAppliance> {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'kosmos-prosody-'));
    const { ports, internalPort } = await findAppliancePorts();
    const [port, xmppPort] = ports;
    const settings = readSettings({
      ...{ KOSMOS_DATA: folder, KOSMOS_PORT: `${port}`, KOSMOS_XMPP_PORT: `${xmppPort}`, KOSMOS_INTERNAL_PORT: `${internalPort}` },
      KOSMOS_LOG_LEVEL: logLevel,
    });
    const database = openDatabase(settings);
    await migrate(database, dialectOf(settings), migrations);
    const appliance = {
      ...{ settings, topology: topologyOf(settings), domain, database },
      ...{ logger: createLogger('test', 'silent'), certificate: createCertificate(folder) },
    };
    const test = new TestAppliance(appliance);
    await test.control.listen();
    await test.startProsody();
    await test.reconcile();
    return test;
  }

  private constructor(appliance: Appliance) {
    this.appliance = appliance;
    this.outbox = new Outbox(appliance.database, dialectOf(appliance.settings));
    this.provisioner = new ProsodyProvisioner(appliance);
    this.api = new ProsodyApi(appliance);
    this.tokens = new Tokens(loadKey(appliance.settings.dataFolder, 'jwt'));
    this.control = new ControlForProsody(appliance, this.tokens);
  }

  get httpUrl(): string {
    const { host, port } = this.appliance.topology.prosodyHttp;
    return `http://${host}:${port}`;
  }

  get websocketUrl(): string {
    return `${this.httpUrl.replace('http', 'ws')}/xmpp-websocket`;
  }

  async startProsody(): Promise<void> {
    prosody.configure(this.appliance);
    const { command, args, folder } = prosody.launch(this.appliance);
    this.#prosody = spawn(command, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#prosody.stdout, this.#prosody.stderr])
      stream?.on('data', (data: Buffer) => (this.output += data.toString()));
    await this.untilReady();
  }

  async untilReady(): Promise<void> {
    const deadline = AbortSignal.timeout(PATIENCE);
    for (;;) {
      try {
        return await prosody.checkReady(this.appliance, deadline);
      } catch (error) {
        if (deadline.aborted || this.#prosody?.exitCode !== null) throw new Error(this.output, { cause: error });
        await wait(20);
      }
    }
  }

  async stopProsody(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    if (!this.#prosody || this.#prosody.exitCode !== null || this.#prosody.signalCode !== null) return;
    const exited = once(this.#prosody, 'exit');
    this.#prosody.kill(signal);
    await exited;
  }

  reload(): void {
    this.#prosody?.kill('SIGHUP');
  }

  get pid(): number {
    return this.#prosody?.pid ?? 0;
  }

  deleteProsodyData(): void {
    rmSync(prosodyPaths(this.appliance.settings).folder, { recursive: true });
  }

  /** Makes a change, then has Prosody follow the events of it as control would. */
  async change<T>(work: (change: Change) => Promise<T>): Promise<T> {
    const result = await this.outbox.change(work);
    for (const event of await this.outbox.findAfter(this.#cursor)) {
      await this.provisioner.apply(event, AbortSignal.timeout(PATIENCE));
      this.#cursor = event.id;
    }
    return result;
  }

  async reconcile(): Promise<void> {
    this.#cursor = await this.outbox.findLatest();
    await this.provisioner.reconcile(AbortSignal.timeout(60_000));
  }

  /** An account with the password `passwordOf(name)`, in a team if there is one. */
  async addPerson(name: string, team?: Team, role: Role = 'member'): Promise<Account> {
    const keys = await createKeys(name, passwordOf(name));
    return this.change(async (change) => {
      const account = await createAccount(change, { name }, keys);
      if (team) await addMember(change, team, account, role);
      return account;
    });
  }

  async close(): Promise<void> {
    await this.provisioner.close();
    await this.stopProsody();
    await this.control.close();
    await this.appliance.database.destroy();
    rmSync(this.appliance.settings.dataFolder, { recursive: true, force: true });
  }
}

function createCertificate(folder: string) {
  const tls = path.join(folder, 'tls');
  mkdirSync(tls);
  const files = { certificateFile: path.join(tls, 'certificate.pem'), keyFile: path.join(tls, 'key.pem') };
  renewCertificate(files);
  return files;
}

/** Another key and certificate at the same place. */
export function renewCertificate({ certificateFile, keyFile }: Appliance['certificate']): void {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile];
  const names = `subjectAltName=DNS:${domain},DNS:rooms.${domain}`;
  execFileSync('openssl', ['req', '-x509', ...key, '-days', '2', '-subj', `/CN=${domain}`, '-addext', names, '-out', certificateFile], {
    stdio: 'ignore',
  });
}
