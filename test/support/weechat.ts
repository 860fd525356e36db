import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { eventually } from './eventually.ts';

export interface WeechatOptions {
  readonly port: number;
  readonly certificateFile: string;
  readonly name: string;
  readonly password: string;
  readonly channel: string;
}

/** Debian's weechat without a screen: a client of somebody else's making, driven through its pipe and read from its logs. */
export class Weechat {
  readonly #folder = mkdtempSync(path.join(os.tmpdir(), 'kosmos-weechat-'));
  readonly #process: ChildProcess;
  readonly #channel: string;

  constructor({ port, certificateFile, name, password, channel }: WeechatOptions) {
    this.#channel = channel;
    // COMPAT: weechat 4 calls `tls` what 3 (Debian 12) calls `ssl`. May go with Debian 12.
    const tls = execFileSync('weechat-headless', ['--version']).toString().startsWith('3') ? 'ssl' : 'tls';
    const server = {
      sasl_mechanism: 'plain',
      sasl_username: name,
      sasl_password: password,
      nicks: name,
      autojoin: channel,
    };
    const commands = [
      '/set logger.file.flush_delay 0',
      `/set weechat.network.gnutls_ca_user ${certificateFile}`,
      `/server add kosmos localhost/${port} -${tls}`,
      ...Object.entries(server).map(([option, value]) => `/set irc.server.kosmos.${option} "${value}"`),
      '/connect kosmos',
    ];
    const args = ['-d', this.#folder, ...commands.flatMap((command) => ['-r', command])];
    this.#process = spawn('weechat-headless', args, {
      stdio: 'ignore',
      env: { PATH: process.env.PATH, LANG: 'C.UTF-8', HOME: this.#folder },
    });
  }

  /** Resolves once weechat's own log of the channel holds the text. */
  hears(text: string): Promise<boolean> {
    return eventually(`weechat logs “${text}”`, () => this.#log(`irc.kosmos.${this.#channel}`).includes(text)).catch((error: Error) => {
      throw new Error(`${error.message}\n${this.#log('irc.server.kosmos')}`);
    });
  }

  /** Resolves once what the server says in person holds the text. */
  isTold(text: string): Promise<boolean> {
    return eventually(`weechat is told “${text}”`, () => this.#log('irc.server.kosmos').includes(text));
  }

  say(text: string): void {
    const pipe = path.join(this.#folder, `weechat_fifo_${this.#process.pid}`);
    writeFileSync(pipe, `irc.kosmos.${this.#channel} *${text}\n`);
  }

  async close(): Promise<void> {
    if (this.#process.exitCode === null) {
      this.#process.kill('SIGKILL');
      await once(this.#process, 'exit');
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #log(buffer: string): string {
    const file = path.join(this.#folder, 'logs', `${buffer}.weechatlog`);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }
}
