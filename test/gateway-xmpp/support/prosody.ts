import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { findFreePorts } from '../../support/ports.ts';

export const DOMAIN = 'team.example';
export const ROOMS = `rooms.${DOMAIN}`;
/** Rooms that are moderated by the newer version of XEP-0425. */
export const MODERN_ROOMS = `modern.${DOMAIN}`;
export const PASSWORD = 'correct horse';

/** From Debian's prosody-modules, which Prosody does without. */
export const hasModeration = existsSync('/usr/lib/prosody/modules/mod_muc_moderation');

const run = promisify(execFile);
const START_TIME = 15_000;

interface Options {
  /** Names of accounts. */
  readonly accounts: readonly string[];
  /** Without archives, carbons, stream management: as a small old server. */
  readonly isPlain?: boolean;
  /** Lua to add to the configuration. */
  readonly extra?: string;
}

/** A real Prosody in a folder of its own, that can be killed and started again on the same ports. */
export class Prosody {
  readonly httpPort: number;
  readonly clientPort: number;
  /** The certificate that its public port shows. */
  readonly certificate: string;
  readonly #folder: string;
  #child: ChildProcess | undefined;

  private constructor(folder: string, ports: readonly [number, number], certificate: string) {
    this.#folder = folder;
    [this.httpPort, this.clientPort] = ports;
    this.certificate = certificate;
  }

  static async start(options: Options): Promise<Prosody> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'kosmos-prosody-'));
    const ports = (await findFreePorts(2)) as [number, number];
    const certificate = await makeCertificate(folder);
    const prosody = new Prosody(folder, ports, certificate);
    await writeFile(path.join(folder, 'prosody.cfg.lua'), configuration(folder, ports, options));
    for (const account of options.accounts) await prosody.addAccount(account);
    await prosody.boot().catch(async (error: unknown) => {
      await prosody.remove();
      throw error;
    });
    return prosody;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  async boot(): Promise<void> {
    const child = spawn('prosody', ['-F', '--config', path.join(this.#folder, 'prosody.cfg.lua')], { stdio: 'ignore' });
    this.#child = child;
    await Promise.all([this.#isListening(this.httpPort, child), this.#isListening(this.clientPort, child)]);
  }

  /** At once, as by a power cut. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async remove(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async log(): Promise<string> {
    return readFile(path.join(this.#folder, 'prosody.log'), 'utf8');
  }

  /** The private key of its certificate, for who plays the impostor. */
  async key(): Promise<string> {
    return readFile(path.join(this.#folder, 'key.pem'), 'utf8');
  }

  async addAccount(name: string): Promise<void> {
    const accounts = path.join(this.#folder, 'data', encodeURIComponent(DOMAIN).replaceAll('.', '%2e'), 'accounts');
    await mkdir(accounts, { recursive: true });
    await writeFile(path.join(accounts, `${name}.dat`), `return { ["password"] = "${PASSWORD}" };\n`);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  async #isListening(port: number, child: ChildProcess): Promise<void> {
    const until = Date.now() + START_TIME;
    while (!(await canConnect(port))) {
      if (child.exitCode !== null || Date.now() > until) throw new Error(`Prosody did not start:\n${await this.log().catch(() => '')}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

async function makeCertificate(folder: string): Promise<string> {
  const file = (name: string): string => path.join(folder, name);
  const names = `subjectAltName=DNS:${DOMAIN},DNS:${ROOMS}`;
  const subject = ['-subj', `/CN=${DOMAIN}`, '-addext', names, '-days', '2'];
  await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', file('key.pem'), '-out', file('cert.pem'), ...subject]);
  return readFile(file('cert.pem'), 'utf8');
}

function configuration(
  folder: string,
  [httpPort, clientPort]: readonly [number, number],
  { isPlain = false, extra = '' }: Options,
): string {
  const modern = ['mam', 'carbons', 'smacks', 'csi_simple', 'pep', 'vcard_legacy', 'vcard4', 'bookmarks', 'blocklist'];
  const modules = ['roster', 'saslauth', 'tls', 'disco', 'ping', 'posix', 'websocket', 'presence', 'message', ...(isPlain ? [] : modern)];
  const rooms = isPlain ? '' : `modules_enabled = { "muc_mam"${hasModeration ? '; "muc_moderation"' : ''} }`;
  const common = 'muc_room_default_public_jids = true\n  muc_room_default_persistent = true\n  muc_room_locking = false';
  return `
pidfile = "${folder}/prosody.pid"
run_as_root = ${process.getuid?.() === 0}
data_path = "${folder}/data"
plugin_paths = { "${import.meta.dirname}" }
log = { info = "${folder}/prosody.log" }
modules_enabled = { ${modules.map((name) => `"${name}"`).join('; ')} }
modules_disabled = { "s2s"; "offline" }
authentication = "internal_plain"
storage = "internal"
c2s_require_encryption = true
allow_unencrypted_plain_auth = false
consider_websocket_secure = true
c2s_ports = { ${clientPort} }
c2s_interfaces = { "127.0.0.1" }
http_ports = { ${httpPort} }
http_interfaces = { "127.0.0.1" }
https_ports = { }
ssl = { key = "${folder}/key.pem"; certificate = "${folder}/cert.pem" }
smacks_hibernation_time = 60
${extra}
VirtualHost "${DOMAIN}"
Component "${ROOMS}" "muc"
  ${common}
  muc_room_default_public = true
  ${rooms}
${isPlain ? '' : `Component "${MODERN_ROOMS}" "muc"\n  ${common}\n  modules_enabled = { "muc_mam"; "muc_moderation_1" }\n`}
${isPlain ? '' : `Component "upload.${DOMAIN}" "http_file_share"\n  http_host = "${DOMAIN}"\n  http_file_share_size_limit = 1048576\n`}
`;
}
