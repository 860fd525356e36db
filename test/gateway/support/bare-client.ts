import { once } from 'node:events';
import net from 'node:net';

const PATIENCE = 10_000;

/** Somebody with a plain IRC client, in the words of a dialogue. */
export class BareClient {
  readonly lines: string[] = [];
  readonly #socket: net.Socket;
  readonly #waiting = new Set<() => void>();

  /** Another client of an account that this password, or token, is for (SASL). */
  static async logIn(
    port: number,
    nick: string,
    mechanism: 'PLAIN' | 'IRCV3BEARER',
    secret: string,
    ...capabilities: string[]
  ): Promise<BareClient> {
    const client = await BareClient.#connect(port);
    client.says(`CAP REQ :${['sasl', ...capabilities].join(' ')}\r\nNICK ${nick}\r\nUSER ${nick} 0 * :${nick}`);
    await client.hears(' ACK ');
    client.says(`AUTHENTICATE ${mechanism}`);
    await client.hears('AUTHENTICATE +');
    const response = Buffer.from(mechanism === 'PLAIN' ? `${nick}\0${nick}\0${secret}` : `\0jwt\0${secret}`).toString('base64');
    for (let start = 0; start < response.length; start += 400) client.says(`AUTHENTICATE ${response.slice(start, start + 400)}`);
    await client.hears(' 903 ');
    client.says('CAP END');
    await client.hears(' 001 ');
    return client;
  }

  static async join(port: number, nick: string, room: string): Promise<BareClient> {
    const client = await BareClient.#connect(port);
    client.says(`NICK ${nick}\r\nUSER ${nick} 0 * :${nick}`);
    await client.hears(' 001 ');
    client.says(`JOIN ${room}`);
    await client.hears(' 366 ');
    return client;
  }

  static async #connect(port: number): Promise<BareClient> {
    const socket = net.connect(port, '127.0.0.1').setNoDelay(true);
    await once(socket, 'connect');
    return new BareClient(socket);
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
