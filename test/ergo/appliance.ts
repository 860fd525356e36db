import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ergo } from '../../server/components/ergo/component.ts';
import { ErgoProvisioner } from '../../server/components/ergo/provision.ts';
import type { Appliance } from '../../server/components/component.ts';
import { dialectOf, openDatabase } from '../../server/database/database.ts';
import { Outbox, type Change } from '../../server/database/events.ts';
import { migrate } from '../../server/database/migrate.ts';
import { migrations } from '../../server/database/migrations/all.ts';
import type { Role } from '../../server/database/schema.ts';
import { equalSecrets } from '../../server/foundation/crypto.ts';
import { isKosmosError } from '../../server/foundation/errors.ts';
import { createLogger } from '../../server/foundation/logging.ts';
import { loadKey, loadSecret } from '../../server/foundation/secrets.ts';
import { readSettings, type Settings } from '../../server/foundation/settings.ts';
import { listenOptions, topologyOf } from '../../server/foundation/topology.ts';
import { createAccount, createKeys, type Account } from '../../server/identity/accounts.ts';
import { Credentials } from '../../server/identity/credentials.ts';
import { Tokens } from '../../server/identity/tokens.ts';
import { addMember } from '../../server/teams/members.ts';
import type { Team } from '../../server/teams/teams.ts';
import { IrcClient } from './irc-client.ts';
import { findFreePorts } from '../support/ports.ts';

const PATIENCE = 10_000;
/** Shortened, so that a test need not wait a minute. */
const LAST_TOKEN_EXPIRES = 4_000;

/** As much of an appliance as Ergo needs: a database, control's answer to the auth-script, Ergo itself and its provisioner. */
export class TestAppliance {
  readonly appliance: Appliance;
  readonly outbox: Outbox;
  readonly provisioner: ErgoProvisioner;
  readonly #control: http.Server;
  #ergo: ChildProcess | undefined;
  #cursor = 0;

  static async start(): Promise<TestAppliance> {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'kosmos-ergo-'));
    const [ircPort = 0, ircsPort = 0] = await findFreePorts(2);
    const settings = readSettings({ KOSMOS_DATA: folder, KOSMOS_IRC_PORT: `${ircPort}`, KOSMOS_IRCS_PORT: `${ircsPort}` });
    const database = openDatabase(settings);
    await migrate(database, dialectOf(settings), migrations);
    const appliance = {
      ...{ settings, topology: topologyOf(settings), domain: 'chat.example.org', database },
      ...{ logger: createLogger('test', 'silent'), certificate: createCertificate(folder) },
    };
    const test = new TestAppliance(appliance);
    await test.#answerAuthScript();
    await test.startErgo();
    return test;
  }

  private constructor(appliance: Appliance) {
    this.appliance = appliance;
    this.outbox = new Outbox(appliance.database, dialectOf(appliance.settings));
    this.provisioner = new ErgoProvisioner(appliance, LAST_TOKEN_EXPIRES);
    const credentials = new Credentials(appliance.database);
    this.#control = http.createServer((request, response) => void answer(appliance.settings, credentials, request, response));
  }

  get settings(): Settings {
    return this.appliance.settings;
  }

  async startErgo(): Promise<void> {
    ergo.configure(this.appliance);
    const { command, args, folder } = ergo.launch(this.appliance);
    this.#ergo = spawn(command, args, { cwd: folder, stdio: 'ignore' });
    await this.untilReady();
  }

  async untilReady(): Promise<void> {
    const deadline = AbortSignal.timeout(PATIENCE);
    for (;;) {
      try {
        return await ergo.checkReady(this.appliance, deadline);
      } catch (error) {
        if (deadline.aborted) throw error;
        await wait(20);
      }
    }
  }

  async stopErgo(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    if (!this.#ergo || this.#ergo.exitCode !== null || this.#ergo.signalCode !== null) return;
    const exited = once(this.#ergo, 'exit');
    this.#ergo.kill(signal);
    await exited;
  }

  reload(): void {
    this.#ergo?.kill('SIGHUP');
  }

  /** Makes a change, then has Ergo follow the events of it as the supervisor would. */
  async change<T>(work: (change: Change) => Promise<T>): Promise<T> {
    const result = await this.outbox.change(work);
    await this.follow();
    return result;
  }

  async follow(): Promise<void> {
    for (const event of await this.outbox.findAfter(this.#cursor)) {
      await this.provisioner.apply(event, AbortSignal.timeout(PATIENCE));
      this.#cursor = event.id;
    }
  }

  reconcile(): Promise<void> {
    return this.provisioner.reconcile(AbortSignal.timeout(60_000));
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

  /** A client that control let in by a token, as the gateway's are. */
  async login(name: string): Promise<IrcClient> {
    const client = await IrcClient.connect(this.appliance.topology.ergo);
    const { token } = await new Tokens(loadKey(this.settings.dataFolder, 'jwt')).mint(name, 'ergo');
    await client.login(name, 'IRCV3BEARER', `\0jwt\0${token}`);
    return client;
  }

  /** A client as people use it. */
  async loginWithPassword(name: string, password: string): Promise<IrcClient> {
    const client = await IrcClient.connect(this.appliance.topology.ergo);
    await client.login(name, 'PLAIN', `\0${name}\0${password}`);
    return client;
  }

  async stop(): Promise<void> {
    await this.provisioner.close();
    await this.stopErgo();
    this.#control.closeAllConnections();
    this.#control.close();
    await this.appliance.database.destroy();
    rmSync(this.settings.dataFolder, { recursive: true, force: true });
  }

  async #answerAuthScript(): Promise<void> {
    mkdirSync(this.appliance.topology.runFolder, { recursive: true, mode: 0o700 });
    loadSecret(this.settings.dataFolder, 'internal');
    this.#control.listen(listenOptions(this.appliance.topology.control));
    await once(this.#control, 'listening');
  }
}

export function passwordOf(name: string): string {
  return `correct horse of ${name}`;
}

export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** What control's `POST /internal/ergo/auth` does. */
async function answer(
  settings: Settings,
  credentials: Credentials,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const secret = (request.headers.authorization ?? '').replace(/^Bearer /, '');
  if (request.url !== '/internal/ergo/auth' || !equalSecrets(secret, loadSecret(settings.dataFolder, 'internal'))) {
    response.writeHead(403).end();
    return;
  }
  const { accountName, passphrase, ip } = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>;
  try {
    const account = await credentials.checkPassword(accountName ?? '', passphrase ?? '', ip);
    response.end(JSON.stringify({ success: true, accountName: account.name }));
  } catch (error) {
    response.end(JSON.stringify({ success: false, accountName: '', error: isKosmosError(error) ? error.code : 'failed' }));
  }
}

export function createCertificate(folder: string): Appliance['certificate'] {
  const certificate = { certificateFile: path.join(folder, 'certificate.pem'), keyFile: path.join(folder, 'key.pem') };
  const options = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const files = ['-subj', '/CN=chat.example.org', '-keyout', certificate.keyFile, '-out', certificate.certificateFile];
  execFileSync('openssl', [...options, ...files], { stdio: 'ignore' });
  return certificate;
}
