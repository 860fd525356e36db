import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import type { TcpAddress } from '../../server/foundation/topology.ts';

const PATIENCE = 5_000;
const capabilities =
  'sasl message-tags batch labeled-response echo-message server-time account-tag draft/chathistory draft/event-playback draft/message-redaction';

/** A bare IRC client: what is sent and what comes is plain lines, so that a test reads as the dialogue it is. */
export class IrcClient {
  readonly lines: string[] = [];
  readonly closed: Promise<void>;
  readonly #socket: net.Socket;
  readonly #waiting = new Set<() => void>();
  #buffer = '';
  #pings = 0;

  static async connect(address: TcpAddress, secure = false): Promise<IrcClient> {
    const socket = secure ? tls.connect({ ...address, rejectUnauthorized: false }) : net.connect(address);
    await once(socket, secure ? 'secureConnect' : 'connect');
    return new IrcClient(socket);
  }

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.on('close', () => resolve()));
    socket.on('error', () => undefined);
    socket
      .setEncoding('utf8')
      .setNoDelay(true)
      .on('data', (chunk: string) => this.#receive(chunk));
  }

  send(...lines: string[]): void {
    for (const line of lines) this.#socket.write(`${line}\r\n`);
  }

  /** Logs in by SASL and registers. Rejects with Ergo's line if it refuses. */
  async login(name: string, mechanism: string, response: string): Promise<void> {
    this.send('CAP LS 302', `NICK ${name}`, `USER ${name} 0 * :${name}`, `CAP REQ :${capabilities}`, `AUTHENTICATE ${mechanism}`);
    const challenge = await this.expect(/^(AUTHENTICATE|.* 90[48] )/);
    if (!challenge.startsWith('AUTHENTICATE')) throw new Error(challenge);
    this.send(`AUTHENTICATE ${Buffer.from(response).toString('base64')}`);
    const outcome = await this.expect(/ (903|902|904) /);
    if (!/ 903 /.test(outcome)) throw new Error(outcome);
    this.send('CAP END');
    await this.expect(/ (376|422) /);
  }

  /** Sends a line and returns everything that came until Ergo had dealt with it. */
  async ask(line: string): Promise<string[]> {
    const from = this.lines.length;
    const token = `done-${(this.#pings += 1)}`;
    this.send(line, `PING ${token}`);
    await this.expect(new RegExp(`PONG .*${token}$`));
    return this.lines.slice(from).filter((answer) => !answer.includes(token));
  }

  /** The first line from `from` on that fits, as soon as it comes. */
  expect(pattern: RegExp, from = 0): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const line = this.lines.slice(from).find((candidate) => pattern.test(candidate));
        if (line === undefined) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(line);
      };
      const give = (): void => {
        this.#waiting.delete(look);
        reject(new Error(`nothing like ${pattern} came, but:\n${this.lines.slice(-20).join('\n')}`));
      };
      const timer = setTimeout(give, PATIENCE);
      this.#waiting.add(look);
      look();
    });
  }

  /** Everything from now on, as `expect` would look at it. */
  mark(): number {
    return this.lines.length;
  }

  async quit(): Promise<void> {
    this.#socket.end('QUIT\r\n');
    this.#socket.destroySoon();
    await this.closed;
  }

  #receive(chunk: string): void {
    const lines = (this.#buffer + chunk).split('\r\n');
    this.#buffer = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('PING')) this.send(line.replace('PING', 'PONG'));
      else this.lines.push(line);
    }
    for (const look of this.#waiting) look();
  }
}
