import { once } from 'node:events';
import net from 'node:net';

const PATIENCE = 10_000;

/** Somebody with a plain IRC client, in the words of a dialogue. */
export class BareClient {
  readonly lines: string[] = [];
  readonly #socket: net.Socket;
  readonly #waiting = new Set<() => void>();

  static async join(port: number, nick: string, room: string): Promise<BareClient> {
    const socket = net.connect(port, '127.0.0.1').setNoDelay(true);
    await once(socket, 'connect');
    const client = new BareClient(socket);
    client.says(`NICK ${nick}\r\nUSER ${nick} 0 * :${nick}`);
    await client.hears(' 001 ');
    client.says(`JOIN ${room}`);
    await client.hears(' 366 ');
    return client;
  }

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    let rest = '';
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line.startsWith('PING')) this.says(`PONG${line.slice(4)}`);
        this.lines.push(line);
      }
      for (const check of [...this.#waiting]) check();
    });
  }

  says(line: string): void {
    this.#socket.write(`${line}\r\n`);
  }

  /** The first line not heard yet that has this in it. */
  hears(part: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        const index = this.lines.findIndex((line) => line.includes(part));
        if (index === -1) return;
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve(this.lines.splice(index, 1)[0] as string);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(check);
        reject(new Error(`did not hear “${part}”, but ${JSON.stringify(this.lines.slice(-5))}`));
      }, PATIENCE);
      this.#waiting.add(check);
      check();
    });
  }

  leaves(): void {
    this.#socket.destroy();
  }
}
