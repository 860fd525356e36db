import tls from 'node:tls';
import { client, xml, type Client, type Element } from '@xmpp/client';
import WebSocket from 'ws';
import { eventually } from './eventually.ts';

export { xml, type Element };

export interface XmppOptions {
  /** `xmpp://127.0.0.1:5222` for TCP with STARTTLS, `ws://…/xmpp-websocket` for the websocket. */
  readonly service: string;
  readonly domain?: string;
  /** Trusted, and nothing else; the host name is checked as ever. */
  readonly certificate?: string;
  readonly name: string;
  readonly password: string;
  readonly mechanism?: string;
}

type Pattern = string | RegExp | ((stanza: Element) => boolean);

const LIMIT = 10_000;
const MUC = 'http://jabber.org/protocol/muc';

/** @xmpp/client, so that a test reads as a dialogue: `await ada.join('general@…'); await bob.receives(/hello/)`. */
export class XmppClient {
  readonly stanzas: Element[] = [];
  readonly jid: string;
  closed = false;
  readonly #client: Client;
  readonly #name: string;
  #read = 0;
  #wake: () => void = () => undefined;

  private constructor(connection: Client, jid: string, name: string) {
    this.#client = connection;
    this.jid = jid;
    this.#name = name;
    connection.on('element', (element: Element) => {
      this.stanzas.push(element);
      this.#wake();
    });
    connection.on('disconnect', () => {
      this.closed = true;
      this.#wake();
    });
  }

  /** Rejects with the condition of the refusal. */
  static async logIn({ service, domain = 'localhost', certificate, name, password, mechanism }: XmppOptions): Promise<XmppClient> {
    (globalThis as { WebSocket?: unknown }).WebSocket ??= WebSocket;
    const credentials = { username: name, password };
    const connection = client({
      ...{ service, domain },
      credentials: (authenticate, offered) => authenticate(credentials, mechanism ?? preferred(offered)),
    });
    connection.reconnect.stop();
    connection.on('error', () => undefined);
    const distrust = certificate === undefined ? () => undefined : trustOnly(certificate);
    try {
      const jid = await connection.start();
      const client = new XmppClient(connection, jid.toString(), name);
      // COMPAT: @xmpp/client 0.14 counts what came before stream management was enabled too, and Prosody cuts it off for that.
      await eventually('stream management is enabled', () => connection.streamManagement.enabled);
      await client.send(xml('presence'));
      return client;
    } catch (error) {
      await connection.stop().catch(() => undefined);
      throw error;
    } finally {
      distrust();
    }
  }

  async send(stanza: Element): Promise<void> {
    await this.#client.send(stanza);
  }

  /** Enters a room and waits for the own presence; rejects with the condition of the refusal. */
  async join(room: string): Promise<void> {
    await this.send(xml('presence', { to: `${room}/${this.#name}` }, xml('x', { xmlns: MUC })));
    const answer = await this.receives(
      (stanza) =>
        stanza.is('presence') && (stanza.attrs.from ?? '').startsWith(`${room}/`) && / code="110"|type="error"/.test(stanza.toString()),
    );
    const condition = answer.getChild('error')?.toString();
    if (condition) throw new Error(condition);
  }

  async say(to: string, text: string, type: 'groupchat' | 'chat' = 'groupchat'): Promise<void> {
    await this.send(xml('message', { to, type }, xml('body', {}, text)));
  }

  /** The next stanza that fits, of those not yet looked at. */
  async receives(pattern: Pattern, limit = LIMIT): Promise<Element> {
    for (const end = Date.now() + limit; ;) {
      while (this.#read < this.stanzas.length) {
        const stanza = this.stanzas[this.#read++];
        if (stanza && fits(stanza, pattern)) return stanza;
      }
      const left = end - Date.now();
      if (left <= 0 || this.closed) throw new Error(`waited in vain for ${String(pattern)}; got:\n${this.stanzas.slice(-12).join('\n')}`);
      await this.#more(left);
    }
  }

  /** Resolves once the server ended the stream. */
  async isCutOff(limit = LIMIT): Promise<void> {
    for (const end = Date.now() + limit; !this.closed;) {
      const left = end - Date.now();
      if (left <= 0) throw new Error('the stream still stands');
      await this.#more(left);
    }
  }

  async close(): Promise<void> {
    await this.#client.stop().catch(() => undefined);
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

function preferred(offered: readonly string[]): string {
  return ['SCRAM-SHA-1', 'PLAIN'].find((mechanism) => offered.includes(mechanism)) ?? 'SCRAM-SHA-1';
}

function fits(stanza: Element, pattern: Pattern): boolean {
  if (typeof pattern === 'function') return pattern(stanza);
  const text = stanza.toString();
  return typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text);
}

/** @xmpp/client has no option for it. */
function trustOnly(certificate: string): () => void {
  const connect = tls.connect;
  tls.connect = ((options: tls.ConnectionOptions) => connect({ ...options, ca: certificate })) as typeof tls.connect;
  return () => {
    tls.connect = connect;
  };
}
