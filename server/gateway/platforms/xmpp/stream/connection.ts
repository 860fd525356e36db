import { isKosmosError, KosmosError, messageOf } from '../../../../foundation/errors.ts';
import type { SessionContext } from '../../platform.ts';
import type { XmppAccount } from '../credentials.ts';
import { limits } from '../limits.ts';
import { ns } from '../namespaces.ts';
import { xml, type Element } from '../xml/element.ts';
import { Acknowledgements } from './acknowledgements.ts';
import { dial, type DialOptions } from './dial.ts';
import { describeCondition } from './dialogue.ts';
import { Requests } from './requests.ts';
import type { Transport, TransportListener } from './transport.ts';

export interface ConnectionEvents {
  stanza(stanza: Element): void;
  /** The stream stands. Everything is to be set up anew unless the old stream goes on. The connection is open to all afterwards. */
  online(isResumed: boolean): Promise<void>;
  /** The server forgot the old stream, or there will be none again. */
  forgotten(): void;
}

type State = 'idle' | 'connecting' | 'online' | 'waiting' | 'failed' | 'closed';

/** Refusals that no further attempt changes. */
const final = ['KOSMOS_ERR_HOST_REFUSED', 'KOSMOS_ERR_ACCOUNT_DISABLED', 'KOSMOS_ERR_CREDENTIALS', 'KOSMOS_ERR_FORBIDDEN'] as const;
/** A team server whose control plane restarts refuses tokens for a while. */
const LOGINS_BEFORE_FAILURE = 5;

/** Keeps a stream to a server up: back-off with jitter, resumption, the question whether anybody is still there. */
export class Connection implements TransportListener {
  /** Full address, once the server gave it. */
  jid = '';
  readonly #context: SessionContext;
  readonly #account: XmppAccount;
  readonly #options: DialOptions;
  readonly #events: ConnectionEvents;
  readonly #acks = new Acknowledgements();
  readonly #requests: Requests;
  #state: State = 'idle';
  #transport: Transport | undefined;
  #attempt: Promise<void> | undefined;
  #failures = 0;
  #lostReason = '';
  #hasConflict = false;
  #retry: NodeJS.Timeout | undefined;
  #watch: NodeJS.Timeout | undefined;
  #answer: NodeJS.Timeout | undefined;
  #isAsked = false;

  constructor(context: SessionContext, account: XmppAccount, options: DialOptions, events: ConnectionEvents) {
    this.#context = context;
    this.#account = account;
    this.#options = options;
    this.#events = events;
    this.#requests = new Requests(account.domain);
  }

  get state(): State {
    return this.#state;
  }

  get reason(): string {
    return this.#lostReason;
  }

  get isOnline(): boolean {
    return this.#state === 'online';
  }

  /** Connects unless it is; resolves when everything is set up. A first attempt that fails is not repeated. */
  async connect(): Promise<void> {
    if (this.#state === 'online') return;
    if (this.#state === 'closed') throw this.notConnected();
    clearTimeout(this.#retry);
    await (this.#attempt ??= this.#tryOnce(this.#state === 'waiting').finally(() => (this.#attempt = undefined)));
  }

  /** Sends a stanza; `settle` is called once the server has it, at once where the server acknowledges nothing. */
  send(stanza: Element, settle?: () => void): void {
    const transport = this.#transport;
    if (transport === undefined) throw this.notConnected();
    if (this.#acks.isFull) {
      transport.destroy('The server acknowledges nothing any more.');
      throw this.notConnected();
    }
    this.#acks.sent(stanza, settle);
    transport.send(stanza);
    const question = this.#acks.question(settle !== undefined);
    if (question !== undefined) transport.send(question);
    if (!this.#acks.isEnabled) settle?.();
  }

  /** Asks (iq); `action` says in an error's sentence what failed. Rejects with StanzaError, a time-out or a broken connection. */
  async request(type: 'get' | 'set', to: string | undefined, payload: Element, action: string): Promise<Element> {
    const id = this.#requests.newId();
    const answer = this.#requests.expect(id, to ?? '', action);
    try {
      this.send(xml('iq', { type, id, to }, payload));
    } catch (error) {
      answer.catch(() => undefined);
      this.#requests.drop(id);
      throw error;
    }
    return answer;
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    clearTimeout(this.#retry);
    clearTimeout(this.#watch);
    this.#dropAnswer();
    const transport = this.#transport;
    this.#transport = undefined;
    this.#forget();
    if (transport === undefined) return;
    await new Promise<void>((resolve) => {
      transport.listener = { opened: () => undefined, received: () => undefined, closed: () => resolve() };
      transport.send(xml('presence', { type: 'unavailable' }));
      transport.close();
    });
  }

  notConnected(): KosmosError {
    return new KosmosError('KOSMOS_ERR_NOT_CONNECTED', { server: this.#account.domain });
  }

  opened(): void {
    // Only while logging in does a stream open.
  }

  received(element: Element): void {
    if (this.#isAsked) this.#listen();
    else this.#watch?.refresh();
    if (element.namespace === ns.smacks) return this.#acknowledgement(element);
    if (element.namespace === ns.streams && element.name === 'error') return this.#streamError(element);
    this.#acks.count();
    try {
      const isAnswer = element.name === 'iq' && /^(?:result|error)$/.test(element.attributes['type'] ?? '');
      if (!isAnswer) this.#events.stanza(element);
      else this.#requests.answered(element, this.jid);
    } catch (error) {
      this.#context.logger.warn({ reason: messageOf(error), stanza: element.name }, 'a stanza could not be dealt with');
    }
  }

  closed(reason: string): void {
    clearTimeout(this.#watch);
    this.#dropAnswer();
    this.#transport = undefined;
    this.#lostReason ||= reason;
    if (this.#state !== 'online') return this.#forgetStream();
    this.#state = 'waiting';
    this.#context.report('disconnected', this.#lostReason);
    if (this.#acks.resumptionId === undefined) this.#forget();
    this.#tryLater();
  }

  async #tryOnce(isRepeated: boolean): Promise<void> {
    this.#state = 'connecting';
    this.#context.report('connecting', this.#lostReason || undefined);
    this.#lostReason = '';
    try {
      await this.#establish();
    } catch (error) {
      this.#transport?.destroy(messageOf(error));
      this.#transport = undefined;
      this.#failed(error, isRepeated);
      throw error;
    }
  }

  async #establish(): Promise<void> {
    const { resumptionId, received } = this.#acks;
    const resumption = resumptionId === undefined ? undefined : { id: resumptionId, received };
    const resource = this.#hasConflict ? `${this.#account.resource ?? 'kosmos'}-${Math.random().toString(36).slice(2, 8)}` : undefined;
    const { transport, dialogue, login } = await dial(this.#context, this.#account, this.#options, resumption, resource);
    if (this.#isClosing()) {
      transport.close();
      throw this.notConnected();
    }
    this.#transport = transport;
    const { resumedAt } = login;
    if (resumedAt === undefined) {
      this.jid = login.jid ?? this.jid;
      this.#forget();
      this.#acks.begin(login.resumptionId, login.hasAcknowledgements);
    } else {
      for (const stanza of this.#acks.resume(resumedAt)) transport.send(stanza);
    }
    this.#listen();
    dialogue.handOver(this);
    await this.#events.online(resumedAt !== undefined);
    if (this.#transport === undefined)
      throw new KosmosError('KOSMOS_ERR_SERVER_UNREACHABLE', { server: this.#account.domain, reason: this.#lostReason });
    this.#state = 'online';
    this.#failures = 0;
    this.#context.report('connected');
  }

  /** Asked by method: `close` may have been called during a wait, which the type of the field does not tell. */
  #isClosing(): boolean {
    return this.#state === 'closed' || this.#context.closing.aborted;
  }

  #failed(error: unknown, isRepeated: boolean): void {
    this.#failures += 1;
    this.#lostReason = messageOf(error);
    if (this.#isClosing()) return;
    const isRefused =
      isKosmosError(error, 'KOSMOS_ERR_SERVER_LOGIN') && (!this.#context.isTeamServer || this.#failures >= LOGINS_BEFORE_FAILURE);
    const isFinal = isRefused || final.some((code) => isKosmosError(error, code));
    if (isRepeated && !isFinal) {
      this.#state = 'waiting';
      this.#context.report('disconnected', this.#lostReason);
      return this.#tryLater();
    }
    this.#state = 'failed';
    this.#forgetStream();
    this.#context.report('failed', this.#lostReason);
  }

  #tryLater(): void {
    const longest = Math.min(limits.longestRetry, limits.firstRetry * 2 ** this.#failures);
    const delay = longest * (0.5 + Math.random() / 2);
    this.#retry = setTimeout(() => {
      this.connect().catch((error: unknown) => this.#context.logger.debug({ reason: messageOf(error) }, 'could not connect again'));
    }, delay);
  }

  #forget(): void {
    this.#requests.abandon(() => new KosmosError('KOSMOS_ERR_CONNECTION_LOST', { server: this.#account.domain }));
    this.#events.forgotten();
  }

  /** A stream that was not wholly set up must not be resumed: the next one begins from nothing. */
  #forgetStream(): void {
    this.#acks.begin(undefined, false);
    this.#forget();
  }

  #acknowledgement(element: Element): void {
    if (element.name === 'r') return this.#answerSoon();
    if (element.name !== 'a') return;
    this.#acks.acknowledge(Number(element.attributes['h'] ?? NaN));
    const question = this.#acks.hasWaiting ? this.#acks.question(true) : undefined;
    if (question !== undefined) this.#transport?.send(question);
  }

  /** A server that asks after each stanza does not ask again before it has an answer: one answer for many stanzas is half its work. */
  #answerSoon(): void {
    this.#answer ??= setTimeout(() => {
      this.#answer = undefined;
      this.#transport?.send(this.#acks.answer());
    }, limits.acknowledgementTime).unref();
  }

  #dropAnswer(): void {
    clearTimeout(this.#answer);
    this.#answer = undefined;
  }

  #streamError(element: Element): void {
    this.#lostReason = `The server ended the stream: ${describeCondition(element)}.`;
    // Another client took our resource: taking it back would never end.
    this.#hasConflict ||= element.children.some((node) => typeof node === 'object' && node.name === 'conflict');
  }

  #listen(): void {
    clearTimeout(this.#watch);
    this.#isAsked = false;
    this.#watch = setTimeout(() => this.#silent(), this.#options.silence ?? limits.silence).unref();
  }

  #silent(): void {
    if (this.#isAsked) return this.#transport?.destroy('The server does not answer any more.');
    const id = this.#requests.newId();
    const question = this.#acks.isEnabled
      ? xml('r', { xmlns: ns.smacks })
      : xml('iq', { type: 'get', id }, xml('ping', { xmlns: ns.ping }));
    if (question.name === 'iq') this.#acks.sent(question);
    this.#transport?.send(question);
    this.#watch = setTimeout(() => this.#silent(), this.#options.answerTime ?? limits.answerTime).unref();
    this.#isAsked = true;
  }
}
