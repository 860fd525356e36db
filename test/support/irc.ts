import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';

/** A line as it came, for `expect` to search. */
type Pattern = string | RegExp;

export interface IrcOptions {
  readonly port: number;
  /** Given: TLS with this certificate trusted. */
  readonly certificate?: string;
  readonly name: string;
  readonly password: string;
  readonly nick?: string;
  /** Whose certificate it must be. */
  readonly domain?: string;
}

const LIMIT = 10_000;

/** An IRC client by hand, so that a test reads as a dialogue: `await ada.send('JOIN #general'); await bob.receives(/JOIN/)`. */
export class IrcClient {
  readonly lines: string[] = [];
  closed = false;
  readonly #socket: net.Socket;
  #read = 0;
  #wake: () => void = () => undefined;

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    let buffer = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      const lines = (buffer + chunk).split('\r\n');
      buffer = lines.pop() ?? '';
      for (const line of lines) this.#take(line);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closed = true;
      this.#wake();
    });
  }

  /** A connection that said nothing yet. */
  static async connect(port: number, certificate?: string, domain = 'localhost'): Promise<IrcClient> {
    const socket = certificate
      ? tls.connect({ host: '127.0.0.1', port, ca: certificate, servername: domain })
      : net.connect({ host: '127.0.0.1', port });
    await once(socket, certificate ? 'secureConnect' : 'connect');
    return new IrcClient(socket);
  }

  /** Logs in by SASL PLAIN and waits for the welcome. Rejects with the server's refusal. */
  static async logIn({ port, certificate, name, password, nick = name, domain }: IrcOptions): Promise<IrcClient> {
    const client = await IrcClient.connect(port, certificate, domain);
    client.send(
      'CAP REQ :sasl echo-message server-time message-tags batch labeled-response draft/chathistory draft/multiline',
      `NICK ${nick}`,
      `USER ${name} 0 * :${name}`,
    );
    await client.receives(' ACK ');
    client.send('AUTHENTICATE PLAIN');
    await client.receives('AUTHENTICATE +');
    client.send(`AUTHENTICATE ${Buffer.from(`\0${name}\0${password}`).toString('base64')}`);
    const answer = await client.receives(/ 90[0-9] | 465 /);
    if (!/ 90[03] /.test(answer)) {
      client.close();
      throw new Error(answer);
    }
    client.send('CAP END');
    await client.receives(' 001 ');
    return client;
  }

  send(...lines: string[]): void {
    for (const line of lines) this.#socket.write(`${line}\r\n`);
  }

  /** The next line that fits, of those not yet looked at; what comes before it is passed over. */
  async receives(pattern: Pattern, limit = LIMIT): Promise<string> {
    for (const end = Date.now() + limit; ;) {
      while (this.#read < this.lines.length) {
        const line = this.lines[this.#read++] ?? '';
        if (fits(line, pattern)) return line;
      }
      const left = end - Date.now();
      if (left <= 0 || this.closed) throw new Error(`waited in vain for ${pattern}; got:\n${this.lines.slice(-20).join('\n')}`);
      await this.#more(left);
    }
  }

  /** Resolves once the server ended the connection. */
  async isCutOff(limit = LIMIT): Promise<void> {
    for (const end = Date.now() + limit; !this.closed;) {
      const left = end - Date.now();
      if (left <= 0) throw new Error('the connection still stands');
      await this.#more(left);
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(line: string): void {
    if (line.startsWith('PING')) return this.send(line.replace('PING', 'PONG'));
    this.lines.push(line);
    this.#wake();
  }

  async #more(limit: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, limit);
    });
    clearTimeout(timer);
  }
}

function fits(line: string, pattern: Pattern): boolean {
  return typeof pattern === 'string' ? line.includes(pattern) : pattern.test(line);
}
