import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';

/** A server of another project, started for a test. */
export class ServerProcess {
  readonly #child: ChildProcess;
  #output = '';

  /** Resolves once something listens on `port`. */
  static async start(command: string, args: readonly string[], port: number): Promise<ServerProcess> {
    const server = new ServerProcess(command, args);
    await server.#listening(port);
    return server;
  }

  private constructor(command: string, args: readonly string[]) {
    this.#child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.#output = (this.#output + chunk.toString()).slice(-10_000)));
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Idempotent. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill(signal);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
    await exited;
    clearTimeout(timer);
  }

  async #listening(port: number): Promise<void> {
    const deadline = Date.now() + 10_000;
    for (;;) {
      if (this.#child.exitCode !== null) throw new Error(`the server ended: ${this.#output}`);
      if (await accepts(port)) return;
      if (Date.now() > deadline) throw new Error(`nothing listens on ${port}: ${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });
}
