import net from 'node:net';
import { formatLine, parseLine, type Line } from '../../../foundation/irc-line.ts';
import type { TcpAddress } from '../../../foundation/topology.ts';
import { Assembler, isBatch, type Item } from './items.ts';

export interface IrcLogin {
  readonly address: TcpAddress;
  readonly nick: string;
  /** JSON Web Token of the account (SASL IRCV3BEARER). */
  readonly token: string;
  readonly operPassword: string;
}

interface Pending {
  readonly resolve: (items: readonly Item[]) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

const capabilities = [
  ...['account-tag', 'batch', 'draft/chathistory', 'draft/event-playback', 'draft/message-redaction', 'draft/multiline', 'draft/relaymsg'],
  ...['echo-message', 'extended-join', 'labeled-response', 'message-tags', 'sasl', 'server-time', 'standard-replies'],
];
const LOGIN_LIMIT = 15_000;
const ANSWER_LIMIT = 30_000;
const SILENCE = 60_000;
const LARGEST_LINE = 64 * 1024;
/** SASL sends a response in parts of this many bytes (https://ircv3.net/specs/extensions/sasl-3.1). */
const SASL_PART = 400;
const refusals = new Set(['902', '904', '905', '906', '908', '432', '433', '465', '461', '464', '491', '723', 'ERROR']);

/** The bot's connection to Ergo. */
export class IrcClient {
  /** Every item that the server sends after the log-in, those of answers included. */
  onItem: (item: Item) => void = () => undefined;
  onClose: (reason: Error) => void = () => undefined;
  readonly #socket: net.Socket;
  readonly #assembler = new Assembler();
  readonly #pending = new Map<string, Pending>();
  #expected: { accept: readonly string[]; resolve: (line: Line) => void; reject: (error: Error) => void } | undefined;
  #capabilities = new Set<string>();
  #buffer = '';
  /** The lines so far of a list that goes on. */
  #offered = '';
  #labels = 0;
  #failure: Error | undefined;
  #watchdog: NodeJS.Timeout;

  /** Logs in and becomes an operator. Throws what the server said. */
  static async open(login: IrcLogin, signal: AbortSignal): Promise<IrcClient> {
    signal.throwIfAborted();
    const client = new IrcClient(login.address);
    const abort = (): void => client.close(new Error('it took too long'));
    const timer = setTimeout(abort, LOGIN_LIMIT);
    signal.addEventListener('abort', abort);
    try {
      await client.#register(login);
      return client;
    } catch (error) {
      client.close();
      throw error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    }
  }

  private constructor(address: TcpAddress) {
    this.#socket = net.connect(address);
    this.#socket.setEncoding('utf8').setNoDelay(true);
    this.#socket.on('data', (chunk: string) => this.#receive(chunk));
    this.#socket.on('error', (error) => this.close(error));
    this.#socket.on('close', () => this.close(new Error('the server closed the connection')));
    this.#watchdog = setInterval(() => this.#checkSilence(), SILENCE);
  }

  get isOpen(): boolean {
    return this.#failure === undefined;
  }

  has(capability: string): boolean {
    return this.#capabilities.has(capability);
  }

  send(command: string, ...parameters: readonly string[]): void {
    this.#write(formatLine(command, ...parameters));
  }

  /** All that the server answers to one command (https://ircv3.net/specs/extensions/labeled-response). A refusal is an answer. */
  ask(command: string, ...parameters: readonly string[]): Promise<readonly Item[]> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      const label = String((this.#labels += 1));
      const timer = setTimeout(() => this.close(new Error('the server did not answer in time')), ANSWER_LIMIT);
      this.#pending.set(label, { resolve, reject, timer });
      this.#write(`@label=${label} ${formatLine(command, ...parameters)}`);
    });
  }

  /** Idempotent. */
  close(reason: Error = new Error('the connection was closed')): void {
    if (this.#failure) return;
    this.#failure = reason;
    clearInterval(this.#watchdog);
    if (this.#socket.writable) this.#socket.end('QUIT\r\n');
    this.#socket.destroySoon();
    for (const { timer, reject } of this.#pending.values()) {
      clearTimeout(timer);
      reject(reason);
    }
    this.#pending.clear();
    this.#expected?.reject(reason);
    this.onClose(reason);
  }

  async #register({ nick, token, operPassword }: IrcLogin): Promise<void> {
    this.#write('CAP LS 302', formatLine('NICK', nick), formatLine('USER', nick, '0', '*', 'Logger'));
    const offered = new Set(capabilitiesIn(await this.#expect('CAP')));
    const wanted = capabilities.filter((name) => offered.has(name));
    this.#write(formatLine('CAP', 'REQ', wanted.join(' ')));
    this.#capabilities = new Set(capabilitiesIn(await this.#expect('CAP')));
    this.#write('AUTHENTICATE IRCV3BEARER');
    await this.#expect('AUTHENTICATE');
    this.#write(...saslParts(`\0jwt\0${token}`).map((part) => `AUTHENTICATE ${part}`));
    await this.#expect('903');
    this.#write('CAP END');
    await this.#expect('376', '422');
    this.send('OPER', nick, operPassword);
    await this.#expect('381');
  }

  #expect(...accept: readonly string[]): Promise<Line> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      this.#expected = { accept, resolve, reject };
    });
  }

  #write(...lines: readonly string[]): void {
    if (!this.#failure) this.#socket.write(`${lines.join('\r\n')}\r\n`);
  }

  #checkSilence(): void {
    const silent = this.#socket.bytesRead === this.#bytesAtLastCheck;
    if (silent && this.#pinged) return this.close(new Error('the server fell silent'));
    this.#bytesAtLastCheck = this.#socket.bytesRead;
    this.#pinged = silent;
    if (silent) this.#write('PING kosmos');
  }
  #bytesAtLastCheck = 0;
  #pinged = false;

  #receive(chunk: string): void {
    const lines = (this.#buffer + chunk).split(/\r?\n/);
    this.#buffer = lines.pop() ?? '';
    if (this.#buffer.length > LARGEST_LINE) return this.close(new Error('the server sent a line without an end'));
    try {
      for (const text of lines) {
        const line = parseLine(text);
        if (line) this.#take(line);
      }
    } catch (error) {
      this.close(error as Error);
    }
  }

  #take(line: Line): void {
    if (line.command === 'PING') return this.send('PONG', ...line.parameters);
    if (line.command === 'CAP' && line.parameters[2] === '*') {
      this.#offered += `${line.parameters.at(-1)} `;
      return;
    }
    const expected = this.#expected;
    if (expected) {
      const refused = refusals.has(line.command);
      if (!refused && !expected.accept.includes(line.command)) return;
      this.#expected = undefined;
      if (refused) expected.reject(new Error(line.parameters.slice(1).join(' ') || line.parameters.join(' ')));
      else expected.resolve(this.#complete(line));
      return;
    }
    if (line.command === 'ERROR') return this.close(new Error(line.parameters.join(' ')));
    const item = this.#assembler.take(line);
    if (item) this.#deliver(item);
  }

  /** A list of capabilities may take several lines (https://ircv3.net/specs/extensions/capability-negotiation). */
  #complete(line: Line): Line {
    if (line.command !== 'CAP') return line;
    const parameters = [...line.parameters.slice(0, -1), this.#offered + (line.parameters.at(-1) ?? '')];
    this.#offered = '';
    return { ...line, parameters };
  }

  #deliver(item: Item): void {
    const { label } = item.tags;
    const items = isBatch(item) && item.type === 'labeled-response' ? item.items : [item];
    const pending = label === undefined ? undefined : this.#pending.get(label);
    if (pending && label !== undefined) {
      this.#pending.delete(label);
      clearTimeout(pending.timer);
      pending.resolve(items);
    }
    for (const each of items) this.onItem(each);
  }
}

/** Names without values. */
function capabilitiesIn({ parameters }: Line): string[] {
  return (parameters.at(-1) ?? '').split(' ').flatMap((token) => token.split('=')[0] || []);
}

function saslParts(response: string): string[] {
  const encoded = Buffer.from(response).toString('base64');
  const parts = encoded.match(new RegExp(`.{1,${SASL_PART}}`, 'g')) ?? [];
  return encoded.length % SASL_PART === 0 ? [...parts, '+'] : parts;
}
