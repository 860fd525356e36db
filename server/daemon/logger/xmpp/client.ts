import { randomUUID } from 'node:crypto';
import { JXT } from 'stanza';
import WebSocket from 'ws';

export type Element = JXT.XMLElement;
type Child = Element | string;

export interface XmppLogin {
  /** `ws://…/xmpp-websocket` (RFC 7395). */
  readonly url: string;
  readonly domain: string;
  readonly name: string;
  /** In place of a password (SASL PLAIN). */
  readonly token: string;
}

interface Pending {
  readonly resolve: (answer: Element) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

const LOGIN_LIMIT = 15_000;
const ANSWER_LIMIT = 30_000;
const SILENCE = 60_000;
const LARGEST_FRAME = 1024 * 1024;

/** An element; text is escaped. */
export function element(name: string, attributes: Record<string, string>, ...children: readonly Child[]): Element {
  return new JXT.XMLElement(name, attributes, [...children]);
}

/** The bot's connection to Prosody: each frame is one stanza, so nothing has to be parsed as a stream. */
export class XmppClient {
  onStanza: (stanza: Element) => void = () => undefined;
  onClose: (reason: Error) => void = () => undefined;
  /** The full address that the server bound. */
  address = '';
  readonly #socket: WebSocket;
  readonly #pending = new Map<string, Pending>();
  readonly #watchdog: NodeJS.Timeout;
  #expected: { names: readonly string[]; resolve: (stanza: Element) => void; reject: (error: Error) => void } | undefined;
  #failure: Error | undefined;
  #heard = true;

  /** Throws what the server said. */
  static async open(login: XmppLogin, signal: AbortSignal): Promise<XmppClient> {
    signal.throwIfAborted();
    const client = new XmppClient(login.url);
    const abort = (): void => client.close(new Error('it took too long'));
    const timer = setTimeout(abort, LOGIN_LIMIT);
    signal.addEventListener('abort', abort);
    try {
      await client.#logIn(login);
      return client;
    } catch (error) {
      client.close();
      throw error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    }
  }

  private constructor(url: string) {
    this.#socket = new WebSocket(url, 'xmpp', { handshakeTimeout: LOGIN_LIMIT, maxPayload: LARGEST_FRAME, perMessageDeflate: false });
    this.#socket.on('message', (data) => this.#receive(String(data)));
    this.#socket.on('error', (error) => this.close(error));
    this.#socket.on('close', () => this.close(new Error('the server closed the connection')));
    this.#watchdog = setInterval(() => this.#checkSilence(), SILENCE);
  }

  get isOpen(): boolean {
    return this.#failure === undefined;
  }

  send(stanza: Element): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(stanza.toString());
  }

  /** Rejects with the condition that an error names. */
  ask(type: 'get' | 'set', to: string | undefined, payload: Element): Promise<Element> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      const id = randomUUID();
      const timer = setTimeout(() => this.close(new Error('the server did not answer in time')), ANSWER_LIMIT);
      this.#pending.set(id, { resolve, reject, timer });
      this.send(element('iq', { xmlns: 'jabber:client', type, id, ...(to ? { to } : {}) }, payload));
    });
  }

  /** Idempotent. */
  close(reason: Error = new Error('the connection was closed')): void {
    if (this.#failure) return;
    this.#failure = reason;
    clearInterval(this.#watchdog);
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send('<close xmlns="urn:ietf:params:xml:ns:xmpp-framing"/>');
    this.#socket.close();
    for (const { timer, reject } of this.#pending.values()) {
      clearTimeout(timer);
      reject(reason);
    }
    this.#pending.clear();
    this.#expected?.reject(reason);
    this.onClose(reason);
  }

  async #logIn({ domain, name, token }: XmppLogin): Promise<void> {
    const open = element('open', { xmlns: 'urn:ietf:params:xml:ns:xmpp-framing', to: domain, version: '1.0' });
    const stream = async (): Promise<void> => {
      const features = this.#expect('features', 'stream:features');
      this.send(open);
      await features;
    };
    await new Promise((resolve, reject) => this.#socket.once('open', resolve).once('error', reject).once('close', reject));
    await stream();
    const outcome = this.#expect('success', 'failure');
    const secret = Buffer.from(`\0${name}\0${token}`).toString('base64');
    this.send(element('auth', { xmlns: 'urn:ietf:params:xml:ns:xmpp-sasl', mechanism: 'PLAIN' }, secret));
    const answer = await outcome;
    if (answer.getName() === 'failure') throw new Error(`the log-in failed: ${conditionOf(answer)}`);
    await stream();
    const bound = await this.ask('set', undefined, element('bind', { xmlns: 'urn:ietf:params:xml:ns:xmpp-bind' }));
    this.address = bound.getChild('bind')?.getChild('jid')?.getText() ?? '';
  }

  #expect(...names: readonly string[]): Promise<Element> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      this.#expected = { names, resolve, reject };
    });
  }

  #checkSilence(): void {
    if (!this.#heard) return this.close(new Error('the server fell silent'));
    this.#heard = false;
    const pinged = this.ask('get', undefined, element('ping', { xmlns: 'urn:xmpp:ping' }));
    pinged.catch(() => undefined);
  }

  #receive(text: string): void {
    this.#heard = true;
    try {
      const stanza = JXT.parse(text);
      const name = stanza.getName();
      const expected = this.#expected;
      if (expected?.names.includes(name)) {
        this.#expected = undefined;
        return expected.resolve(stanza);
      }
      if (name === 'close' || name === 'error' || name === 'stream:error')
        return this.close(new Error(`the server ended it: ${conditionOf(stanza)}`));
      if (name === 'iq') this.#takeAnswer(stanza);
      else this.onStanza(stanza);
    } catch (error) {
      this.close(error as Error);
    }
  }

  #takeAnswer(stanza: Element): void {
    const type = stanza.getAttribute('type');
    const id = stanza.getAttribute('id') ?? '';
    if (type === 'get' || type === 'set') return this.#decline(stanza, id);
    const pending = this.#pending.get(id);
    if (!pending) return;
    this.#pending.delete(id);
    clearTimeout(pending.timer);
    if (type === 'error') pending.reject(new Error(conditionOf(stanza.getChild('error') ?? stanza)));
    else pending.resolve(stanza);
  }

  /** RFC 6120, 8.2.3: a request must be answered. */
  #decline(stanza: Element, id: string): void {
    const condition = element('service-unavailable', { xmlns: 'urn:ietf:params:xml:ns:xmpp-stanzas' });
    const to = stanza.getAttribute('from');
    this.send(
      element('iq', { xmlns: 'jabber:client', type: 'error', id, ...(to ? { to } : {}) }, element('error', { type: 'cancel' }, condition)),
    );
  }
}

/** The name of the first child, and the text beside it. */
export function conditionOf(stanza: Element): string {
  const children = stanza.children.filter((child): child is Element => typeof child !== 'string');
  const text = children.find((child) => child.getName() === 'text')?.getText();
  const condition = children.find((child) => child.getName() !== 'text')?.getName() ?? stanza.getName();
  return text ? `${condition} (${text})` : condition;
}
