import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findFreePorts } from './ports.ts';
import { eventually } from './eventually.ts';
import type { TestAppliance } from './appliance.ts';
import net from 'node:net';

interface Program {
  command: string;
  /** Where the appliance has its configuration, in the data tree. */
  config: string;
  args: (config: string) => readonly string[];
}

interface Place {
  /** The appliance's configuration. */
  own: string;
  folder: string;
  port: number;
  publicPort: number;
}

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
  static ergo(house: TestAppliance): Promise<SecondServer> {
    return SecondServer.#start(
      house,
      { command: 'ergochat', config: 'ergo/ircd.yaml', args: (config) => ['run', '--conf', config] },
      (place) =>
        place.own
          .replaceAll(`:${house.ircPort}`, `:${place.port}`)
          .replaceAll(`:${house.ircsPort}`, `:${place.publicPort}`)
          .replaceAll(path.join(house.dataFolder, 'ergo/ircd.'), path.join(place.folder, 'ircd.')),
    );
  }

  /** A Prosody with the appliance's configuration, its own ports and its own data. */
  static prosody(house: TestAppliance): Promise<SecondServer> {
    const program = { command: 'prosody', config: 'prosody/prosody.cfg.lua', args: (config: string) => ['--config', config, '-F'] };
    return SecondServer.#start(house, program, (place) =>
      place.own
        .replace(/http_ports = \{[^}]*\}/, `http_ports = { ${place.port} }`)
        .replace(/c2s_ports = \{[^}]*\}/, `c2s_ports = { ${place.publicPort} }`)
        .replaceAll(path.join(house.dataFolder, 'prosody'), place.folder),
    );
  }

  static async #start(house: TestAppliance, program: Program, adapt: (place: Place) => string): Promise<SecondServer> {
    const [port = 0, publicPort = 0] = await findFreePorts(2);
    const folder = path.join(house.folder, `second-${path.dirname(program.config)}`);
    mkdirSync(folder, { mode: 0o700 });
    const own = readFileSync(path.join(house.dataFolder, program.config), 'utf8');
    const config = path.join(folder, path.basename(program.config));
    writeFileSync(config, adapt({ own, folder, port, publicPort }), { mode: 0o600 });
    return new SecondServer(program.command, program.args(config), port, publicPort).#untilOpen();
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
