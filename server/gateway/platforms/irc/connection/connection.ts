import { KosmosError } from '../../../../foundation/errors.ts';
import type { Logger } from '../../../../foundation/logging.ts';
import type { TcpAddress } from '../../../../foundation/topology.ts';
import { connectionError } from '../../connection-error.ts';
import { Batches, isBatch, messagesOf, type Batch } from './batches.ts';
import { Capabilities } from './capabilities.ts';
import { FloodControl, type FloodLimit } from './flood.ts';
import { Isupport } from './isupport.ts';
import { checkedLine, serialiseMessage, type IrcMessage, type OutgoingMessage } from './message.ts';
import { Registration, type Identity } from './registration.ts';
import { Requests, type Reply } from './requests.ts';
import type { Timings } from './timings.ts';
import { readLine } from './shared-lines.ts';
import { Transport, type TlsOptions } from './transport.ts';

/** Where a message comes from: an answer to our own request, and the netsplit or netjoin that it is part of. */
export interface Origin {
  readonly requested: boolean;
  readonly batch?: Batch;
}

export interface ConnectionListener {
  /** The server took the log-in under this nick: before anything else that it says, which may follow in the same packet. */
  onReady(connection: IrcConnection, nick: string): void;
  onMessage(message: IrcMessage, origin: Origin): void;
  /** A whole batch of another kind than labeled-response that was not asked for. */
  onBatch(batch: Batch): void;
  /** Once, after `onReady`. */
  onClose(reason: string): void;
}

export interface ConnectionOptions {
  /** The name of the server, for messages to people. */
  readonly server: string;
  readonly address: TcpAddress;
  readonly tls?: TlsOptions;
  readonly identity: Identity;
  readonly flood?: FloodLimit;
  readonly timings: Timings;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/** A registered connection to an IRC server: what it can, what it says, and answers that belong to requests. */
export class IrcConnection {
  readonly capabilities = new Capabilities();
  readonly isupport = new Isupport();
  readonly #options: ConnectionOptions;
  readonly #listener: ConnectionListener;
  readonly #batches = new Batches();
  readonly #requests: Requests;
  readonly #flood: FloodControl;
  #transport: Transport | undefined;
  #registration: Registration | undefined;

  /** Resolves once the server took the log-in. Rejects with a coded error; the connection is closed then. */
  static async open(options: ConnectionOptions, listener: ConnectionListener): Promise<IrcConnection> {
    const connection = new IrcConnection(options, listener);
    await connection.#register();
    return connection;
  }

  private constructor(options: ConnectionOptions, listener: ConnectionListener) {
    this.#options = options;
    this.#listener = listener;
    this.#requests = new Requests(options.server);
    this.#flood = new FloodControl(options.flood, (line) => this.#transport?.write(line));
  }

  get open(): boolean {
    return this.#transport?.open ?? false;
  }

  send(message: OutgoingMessage): void {
    this.#flood.send(checkedLine(message));
  }

  /** Sends one line and resolves with everything that the server said to it. */
  request(message: OutgoingMessage, timeout = this.#options.timings.request): Promise<Reply> {
    return this.requestAll([message], timeout);
  }

  /** The same for lines that are one request (a multiline batch): the first carries the label. */
  requestAll(messages: readonly [OutgoingMessage, ...OutgoingMessage[]], timeout = this.#options.timings.request): Promise<Reply> {
    const [first, ...others] = messages;
    const labels = this.capabilities.labels;
    const { key, reply } = this.#requests.open(timeout + this.#flood.delay);
    try {
      const lines = [labels ? { ...first, tags: { label: key, ...first.tags } } : first, ...others].map(checkedLine);
      // One entry, so that flood control never parts a request from the PING that marks its end.
      this.#flood.send(labels ? lines.join('\r\n') : `${lines.join('\r\n')}\r\nPING ${key}`);
    } catch (error) {
      this.#requests.settle(key, { messages: [] });
      return Promise.reject(error as Error);
    }
    return reply;
  }

  close(reason: string): void {
    this.#transport?.close(reason);
  }

  async quit(reason: string): Promise<void> {
    this.#abandon();
    await this.#transport?.finish(serialiseMessage({ command: 'QUIT', params: [reason] }));
  }

  async #register(): Promise<void> {
    const { server, identity, timings, signal } = this.#options;
    const listener = { onLine: (line: string) => this.#receive(line), onClose: (reason: string) => this.#closed(reason) };
    this.#transport = await Transport.open(this.#options, listener).catch((error: unknown) => {
      throw connectionError(server, error);
    });
    const registration = new Registration(server, identity, this.capabilities, (message) =>
      this.#transport?.write(serialiseMessage(message)),
    );
    this.#registration = registration;
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(timings.connect)]);
    const abort = (): void =>
      registration.fail(new KosmosError('KOSMOS_ERR_SERVER_UNREACHABLE', { server, reason: 'it did not answer in time' }));
    deadline.addEventListener('abort', abort, { once: true });
    registration.start();
    try {
      await registration.done;
    } catch (error) {
      this.#transport.close('registration failed');
      throw error;
    } finally {
      deadline.removeEventListener('abort', abort);
    }
  }

  #receive(line: string): void {
    const message = readLine(line);
    if (!message) return;
    if (message.command === 'PING')
      return this.#transport?.write(serialiseMessage({ command: 'PONG', params: message.params.slice(0, 1) }));
    if (message.command === '005') this.isupport.receive(message);
    if (this.#registration) this.#receiveRegistration(this.#registration, message);
    if (message.command === 'ERROR') return this.close(message.params.at(-1) ?? 'the server closed the connection');
    if (message.command === 'CAP') return this.#capabilitiesChanged(message);
    try {
      this.#dispatch(message);
    } catch (error) {
      this.#options.logger.error({ err: error, command: message.command }, 'an IRC message could not be dealt with');
    }
  }

  #receiveRegistration(registration: Registration, message: IrcMessage): void {
    registration.receive(message);
    if (registration.finished === undefined) return;
    this.#registration = undefined;
    this.#listener.onReady(this, registration.finished);
  }

  #dispatch(message: IrcMessage): void {
    const step = this.#batches.receive(message);
    if (step.kind === 'kept') return;
    if (step.kind === 'batch') return this.#dispatchBatch(step.batch);
    const { label } = message.tags;
    if (this.#requests.has(label)) return this.#answer(label ?? '', { messages: [message] });
    if (message.command === 'PONG' && this.#requests.settle(message.params.at(-1) ?? '', { messages: [] })) return;
    if (message.command === 'PONG' || message.command === 'ACK') return;
    if (!this.capabilities.labels) this.#requests.collect(message);
    this.#listener.onMessage(message, { requested: false, batch: step.batch });
  }

  #dispatchBatch(batch: Batch): void {
    const { label } = batch.opening.tags;
    const answered = this.#requests.has(label);
    if (batch.type !== 'labeled-response') {
      if (answered) this.#requests.settle(label ?? '', { messages: [], batch });
      else this.#listener.onBatch(batch);
      return;
    }
    const inner = batch.items.find(isBatch);
    if (answered) this.#answer(label ?? '', { messages: messagesOf(batch), batch: inner });
    else for (const message of messagesOf(batch)) this.#listener.onMessage(message, { requested: false });
  }

  /** The rooms' state first, then whoever asked: what it reads is up to date. */
  #answer(label: string, reply: Reply): void {
    const messages = reply.messages.filter(({ command }) => command !== 'ACK');
    for (const message of messages) this.#listener.onMessage(message, { requested: true });
    this.#requests.settle(label, { ...reply, messages });
  }

  #capabilitiesChanged({ params }: IrcMessage): void {
    const [, subcommand, list = ''] = params;
    if (this.#registration) return;
    if (subcommand === 'NEW') {
      this.capabilities.offer(list);
      for (const names of this.capabilities.requests(false)) this.send({ command: 'CAP', params: ['REQ', names] });
    } else if (subcommand === 'DEL') this.capabilities.withdraw(list);
    else if (subcommand === 'ACK') this.capabilities.acknowledge(list);
  }

  #abandon(): void {
    this.#flood.stop();
    this.#requests.fail(new KosmosError('KOSMOS_ERR_CONNECTION_LOST', { server: this.#options.server }));
  }

  #closed(reason: string): void {
    this.#abandon();
    if (this.#registration) {
      const { server } = this.#options;
      this.#registration.fail(new KosmosError('KOSMOS_ERR_SERVER_UNREACHABLE', { server, reason }));
    } else this.#listener.onClose(reason);
  }
}
