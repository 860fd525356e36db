import net from 'node:net';
import { KosmosError, messageOf } from '../../foundation/errors.ts';
import type { TcpAddress } from '../../foundation/topology.ts';
import { formatLine, parseLine, type Line } from '../../foundation/irc-line.ts';

export interface Operator {
  readonly address: TcpAddress;
  readonly name: string;
  /** JSON Web Token of the account `name`. */
  readonly token: string;
  readonly password: string;
}

/** What Ergo answered to one command. */
export interface Reply {
  readonly lines: readonly Line[];
  /** What services said, one text per notice. */
  readonly notices: readonly string[];
  /** Numeric (`473`) or code (`INVALID_TARGET`) of a refusal. */
  readonly refused?: string;
  /** All of it as text, for messages about a refusal. */
  readonly text: string;
}

interface Pending {
  readonly label: string;
  readonly lines: Line[];
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

const LONGEST_ANSWER = 10_000;
/** Commands that wait for their answer at once: enough that none waits for the network, few enough to stay below Ergo's send queue. */
const WINDOW = 64;
const LARGEST_LINE = 64 * 1024;
/** Bytes without tags and line end (RFC 1459). Ergo says so of a longer one, but not to which label. */
const LONGEST_LINE = 510;
const tooLong: Reply = { lines: [], notices: [], refused: '417', text: 'the line is too long' };
/** SASL sends a response in parts of this many bytes (https://ircv3.net/specs/extensions/sasl-3.1). */
const SASL_PART = 400;
const capabilities = 'sasl batch labeled-response message-tags';

/** A session on Ergo with an operator's rights. Answers are told apart by labels (https://ircv3.net/specs/extensions/labeled-response). */
export class ErgoConnection {
  readonly #socket: net.Socket;
  readonly #pending = new Map<string, Pending>();
  readonly #batches = new Map<string, Pending>();
  readonly #queue: (() => void)[] = [];
  readonly #expected: { accept: (line: Line) => boolean; resolve: (line: Line) => void; reject: (error: Error) => void }[] = [];
  #buffer = '';
  #labels = 0;
  #inFlight = 0;
  #failure: Error | undefined;

  /** Connects, logs in and becomes operator. Throws KOSMOS_ERR_COMPONENT_UNREACHABLE with what Ergo said. */
  static async open(operator: Operator, signal: AbortSignal): Promise<ErgoConnection> {
    signal.throwIfAborted();
    const connection = new ErgoConnection(operator.address);
    const abort = (): void => connection.close(new Error('it took too long'));
    signal.addEventListener('abort', abort);
    const timer = setTimeout(abort, LONGEST_ANSWER);
    try {
      await connection.#register(operator);
      return connection;
    } catch (error) {
      connection.close();
      throw unreachable(messageOf(error), error);
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
    this.#socket.on('close', () => this.close(new Error('Ergo closed the connection')));
  }

  get isOpen(): boolean {
    return this.#failure === undefined;
  }

  /** Sends one command and waits for all of its answer. A refusal is an answer; only a lost or silent connection throws. */
  async ask(command: string, ...parameters: readonly string[]): Promise<Reply> {
    const line = formatLine(command, ...parameters);
    if (Buffer.byteLength(line) > LONGEST_LINE) return tooLong;
    if (this.#inFlight < WINDOW) this.#inFlight += 1;
    else await new Promise<void>((resolve) => this.#queue.push(resolve));
    try {
      return await this.#exchange(line);
    } finally {
      this.#passOn();
    }
  }

  /** To whoever waits longest, so that commands are sent in the order in which they were asked for. */
  #passOn(): void {
    const next = this.#queue.shift();
    if (next) next();
    else this.#inFlight -= 1;
  }

  /** Everything that still waits is rejected. Idempotent. */
  close(reason: Error = new Error('the connection was closed')): void {
    if (this.#failure) return;
    this.#failure = reason;
    if (this.#socket.writable) this.#socket.end('QUIT\r\n');
    this.#socket.destroySoon();
    const error = unreachable(reason.message, reason);
    for (const pending of this.#pending.values()) this.#settle(pending, () => pending.reject(error));
    this.#pending.clear();
    for (const expected of this.#expected.splice(0)) expected.reject(reason);
  }

  async #register({ name, token, password }: Operator): Promise<void> {
    this.#send(`CAP LS 302`, formatLine('NICK', name), formatLine('USER', name, '0', '*', 'Appliance'));
    this.#send(formatLine('CAP', 'REQ', capabilities), 'AUTHENTICATE IRCV3BEARER');
    await this.#expect(['AUTHENTICATE'], ['904', '905', '908', '421']);
    this.#send(...saslParts(`\0jwt\0${token}`).map((part) => `AUTHENTICATE ${part}`), 'CAP END');
    await this.#expect(['376', '422'], ['902', '904', '905', '906', '908', '432', '433', '465']);
    // An earlier session that Ergo has not missed yet is operator already, and refuses to become it; its rights would not be all ours.
    this.#send(formatLine('MODE', name, '-o'), formatLine('OPER', name, password));
    await this.#expect(['381'], ['400', '461', '464', '491', '723']);
  }

  #exchange(line: string): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(unreachable(this.#failure.message, this.#failure));
      const label = String((this.#labels += 1));
      const timer = setTimeout(() => this.close(new Error('Ergo did not answer in time')), LONGEST_ANSWER);
      this.#pending.set(label, { label, lines: [], resolve, reject, timer });
      this.#send(`@label=${label} ${line}`);
    });
  }

  #expect(good: readonly string[], bad: readonly string[]): Promise<Line> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      const accept = (line: Line): boolean => {
        if (bad.includes(line.command) || line.command === 'FAIL') reject(new Error(line.parameters.slice(1).join(' ')));
        else if (!good.includes(line.command)) return false;
        return true;
      };
      this.#expected.push({ accept, resolve, reject });
    });
  }

  #send(...lines: readonly string[]): void {
    this.#socket.write(`${lines.join('\r\n')}\r\n`);
  }

  #receive(chunk: string): void {
    const lines = (this.#buffer + chunk).split(/\r?\n/);
    this.#buffer = lines.pop() ?? '';
    if (this.#buffer.length > LARGEST_LINE) return this.close(new Error('Ergo sent a line without an end'));
    for (const text of lines) {
      const line = parseLine(text);
      if (line) this.#dispatch(line);
    }
  }

  #dispatch(line: Line): void {
    if (line.command === 'PING') return this.#send(formatLine('PONG', ...line.parameters));
    if (line.command === 'ERROR') return this.close(new Error(line.parameters.join(' ')));
    const [expected] = this.#expected;
    if (expected?.accept(line)) {
      this.#expected.shift();
      expected.resolve(line);
      return;
    }
    this.#collect(line);
  }

  /** A labelled line alone is the whole answer; otherwise a labelled batch holds it. */
  #collect(line: Line): void {
    const { label, batch } = line.tags;
    if (line.command === 'BATCH') return this.#collectBatch(line);
    const pending = label === undefined ? this.#batches.get(batch ?? '') : this.#pending.get(label);
    pending?.lines.push(line);
    if (pending && label !== undefined) this.#answer(pending);
  }

  #collectBatch({ tags, parameters: [reference = ''] }: Line): void {
    const name = reference.slice(1);
    const opened = this.#pending.get(tags.label ?? '');
    const ended = reference.startsWith('-') ? this.#batches.get(name) : undefined;
    if (opened) this.#batches.set(name, opened);
    if (!ended) return;
    this.#batches.delete(name);
    this.#answer(ended);
  }

  #answer(pending: Pending): void {
    this.#pending.delete(pending.label);
    this.#settle(pending, () => pending.resolve(replyOf(pending.lines)));
  }

  #settle(pending: Pending, outcome: () => void): void {
    clearTimeout(pending.timer);
    outcome();
  }
}

function replyOf(lines: readonly Line[]): Reply {
  const refusal = lines.find(({ command }) => command === 'FAIL' || /^[45]\d\d$/.test(command));
  return {
    lines,
    notices: lines.filter(({ command }) => command === 'NOTICE').map(({ parameters }) => parameters.at(-1) ?? ''),
    refused: refusal?.command === 'FAIL' ? refusal.parameters[1] : refusal?.command,
    text: lines.map(({ parameters }) => parameters.at(-1) ?? '').join(' '),
  };
}

function saslParts(response: string): string[] {
  const encoded = Buffer.from(response).toString('base64');
  const parts = encoded.match(new RegExp(`.{1,${SASL_PART}}`, 'g')) ?? [];
  return encoded.length % SASL_PART === 0 ? [...parts, '+'] : parts;
}

function unreachable(reason: string, cause: unknown): KosmosError {
  return new KosmosError('KOSMOS_ERR_COMPONENT_UNREACHABLE', { component: 'ergo', reason }, { cause });
}
