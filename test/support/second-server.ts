import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findFreePorts } from './ports.ts';
import { eventually } from './eventually.ts';
import type { TestAppliance } from './appliance.ts';
import net from 'node:net';

/** A server that somebody else runs, beside the appliance's own. */
export class SecondServer {
  readonly #program: ChildProcess;
  output = '';

  private constructor(
    command: string,
    args: readonly string[],
    /** What the appliance is given. */
    readonly port: number,
    /** Where people's clients connect. */
    readonly publicPort: number,
  ) {
    this.#program = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#program.stdout, this.#program.stderr])
      stream?.on('data', (text: Buffer) => (this.output += text.toString()));
  }

  /** An Ergo with the appliance's configuration, its own ports and its own data. */
  static async ergo(house: TestAppliance): Promise<SecondServer> {
    const [port = 0, tlsPort = 0] = await findFreePorts(2);
    const folder = path.join(house.folder, 'second-ergo');
    mkdirSync(folder, { mode: 0o700 });
    const config = path.join(folder, 'ircd.yaml');
    const own = readFileSync(path.join(house.dataFolder, 'ergo/ircd.yaml'), 'utf8');
    writeFileSync(
      config,
      own
        .replaceAll(`:${house.ircPort}`, `:${port}`)
        .replaceAll(`:${house.ircsPort}`, `:${tlsPort}`)
        .replaceAll(path.join(house.dataFolder, 'ergo/ircd.'), path.join(folder, 'ircd.')),
      { mode: 0o600 },
    );
    const server = new SecondServer('ergochat', ['run', '--conf', config], port, tlsPort);
    return server.#untilOpen();
  }

  /** A Prosody with the appliance's configuration, its own ports and its own data. */
  static async prosody(house: TestAppliance): Promise<SecondServer> {
    const [port = 0, clientPort = 0] = await findFreePorts(2);
    const folder = path.join(house.folder, 'second-prosody');
    mkdirSync(folder, { mode: 0o700 });
    const config = path.join(folder, 'prosody.cfg.lua');
    const own = readFileSync(path.join(house.dataFolder, 'prosody/prosody.cfg.lua'), 'utf8');
    writeFileSync(
      config,
      own
        .replace(/http_ports = \{[^}]*\}/, `http_ports = { ${port} }`)
        .replace(/c2s_ports = \{[^}]*\}/, `c2s_ports = { ${clientPort} }`)
        .replaceAll(path.join(house.dataFolder, 'prosody'), folder),
      { mode: 0o600 },
    );
    const server = new SecondServer('prosody', ['--config', config, '-F'], port, clientPort);
    return server.#untilOpen();
  }

  async stop(): Promise<void> {
    if (this.#program.exitCode !== null || this.#program.signalCode !== null) return;
    this.#program.kill('SIGTERM');
    await once(this.#program, 'exit');
  }

  async #untilOpen(): Promise<this> {
    await eventually('the second server listens', () => {
      if (this.#program.exitCode !== null) throw new Error(`it ended: ${this.output}`);
      return isOpen(this.port);
    });
    return this;
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}
