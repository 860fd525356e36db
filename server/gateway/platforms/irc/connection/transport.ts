import net from 'node:net';
import tls from 'node:tls';
import type { TcpAddress } from '../../../../foundation/topology.ts';
import { LineReader } from './lines.ts';
import type { Timings } from './timings.ts';

export interface TlsOptions {
  readonly serverName: string;
  readonly cert?: string;
  readonly key?: string;
  /** PEM of an authority that is trusted beside the well-known ones. */
  readonly authority?: string;
}

export interface TransportOptions {
  /** Resolved already: what the guard accepted is what is connected to. */
  readonly address: TcpAddress;
  /** TLS, with the certificate checked for this name. */
  readonly tls?: TlsOptions;
  readonly timings: Timings;
  readonly signal: AbortSignal;
}

export interface TransportListener {
  onLine(line: string): void;
  /** Once, whatever ended it; `reason` is for people. */
  onClose(reason: string): void;
}

/** More unsent bytes than this mean that the server no longer reads. */
const MOST_UNSENT = 1024 * 1024;

/** A TCP or TLS connection that speaks lines, and notices by itself when the other side is gone without a word. */
export class Transport {
  readonly #socket: net.Socket;
  readonly #listener: TransportListener;
  readonly #timings: Timings;
  #lastHeard = Date.now();
  #watch: NodeJS.Timeout | undefined;
  #closed = false;

  /** Resolves when connected. Rejects with the reason. */
  static async open(options: TransportOptions, listener: TransportListener): Promise<Transport> {
    const reader = new LineReader();
    let take: (chunk: Buffer) => void = () => undefined;
    const socket = await connect(options, (chunk) => take(chunk));
    const transport = new Transport(socket, options.timings, listener);
    take = (chunk) => transport.#receive(reader.push(chunk));
    if (options.tls) socket.on('data', take);
    return transport;
  }

  private constructor(socket: net.Socket, timings: Timings, listener: TransportListener) {
    this.#socket = socket;
    this.#timings = timings;
    this.#listener = listener;
    socket.setNoDelay(true);
    socket.on('error', (error) => this.#end(error.message));
    socket.on('close', () => this.#end('the server closed the connection'));
    this.#watch = setInterval(() => this.#checkAlive(), Math.min(timings.idle, timings.answer) / 2).unref();
  }

  get open(): boolean {
    return !this.#closed;
  }

  write(line: string): void {
    if (this.#closed) return;
    // What is said in one turn of the event loop goes out in one packet.
    if (this.#socket.writableCorked === 0) {
      this.#socket.cork();
      process.nextTick(() => this.#socket.uncork());
    }
    this.#socket.write(`${line}\r\n`);
    if (this.#socket.writableLength > MOST_UNSENT) this.close('the server does not read');
  }

  /** Idempotent. */
  close(reason: string): void {
    this.#end(reason);
  }

  /** Sends what is waiting, then closes; at once if the server takes longer than a second. */
  async finish(lastLine: string): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#watch);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#timings.farewell);
      this.#socket.once('close', () => (clearTimeout(timer), resolve()));
      this.#socket.end(`${lastLine}\r\n`);
    });
    this.#socket.destroy();
  }

  #receive(lines: readonly string[]): void {
    this.#lastHeard = Date.now();
    for (const line of lines) if (!this.#closed) this.#listener.onLine(line);
  }

  /** TCP does not tell of a peer that vanished: ask, and give up on silence. */
  #checkAlive(): void {
    const silent = Date.now() - this.#lastHeard;
    if (silent > this.#timings.idle + this.#timings.answer) this.close('the server did not answer in time');
    else if (silent > this.#timings.idle) this.write('PING :alive');
  }

  #end(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#watch);
    this.#socket.destroy();
    this.#listener.onClose(reason);
  }
}

/** One for all plain connections: what is read is dealt with before the next read. Node makes one of 64 kB for each read else. */
const readBuffer = Buffer.allocUnsafeSlow(65_536);

/** `onChunk` is for a plain connection, and a chunk valid until it returns; nothing comes before the connection stands and the event loop turns. */
function connect({ address, tls: secure, timings, signal }: TransportOptions, onChunk: (chunk: Buffer) => void): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(timings.connect)]);
    const { host, port } = address;
    const callback = (size: number): boolean => (onChunk(readBuffer.subarray(0, size)), true);
    const socket = secure
      ? tls.connect({ host, port, ...secureOptions(secure) })
      : net.connect({ host, port, onread: { buffer: readBuffer, callback } });
    const settle = (error?: Error): void => {
      deadline.removeEventListener('abort', abort);
      socket.off('error', settle);
      if (!error) return resolve(socket);
      socket.on('error', () => undefined).destroy();
      reject(error);
    };
    const abort = (): void => settle(new Error(signal.aborted ? 'the session ended' : 'it did not answer in time'));
    socket.once(secure ? 'secureConnect' : 'connect', () => settle());
    socket.once('error', settle);
    deadline.addEventListener('abort', abort, { once: true });
    if (deadline.aborted) abort();
  });
}

function secureOptions({ serverName, cert, key, authority }: TlsOptions): tls.ConnectionOptions {
  const servername = net.isIP(serverName) === 0 ? { servername: serverName } : {};
  return {
    ...servername,
    cert,
    key,
    minVersion: 'TLSv1.2',
    ...(authority === undefined ? {} : { ca: [...tls.rootCertificates, authority] }),
  };
}
