import { createClient, type Agent, type Stanzas } from 'stanza';

type ReceivedMessage = Stanzas.ReceivedMessage;
import { eventually } from '../../support/eventually.ts';

/** A member with an XMPP client (stanza, over the websocket). */
export class XmppPerson {
  readonly messages: ReceivedMessage[] = [];
  readonly #client: Agent;
  readonly #name: string;

  static async connect(port: number, domain: string, name: string, token: string): Promise<XmppPerson> {
    const transports = { websocket: `ws://127.0.0.1:${port}/xmpp-websocket`, bosh: false };
    const client = createClient({ jid: `${name}@${domain}`, password: token, transports, autoReconnect: false });
    const started = new Promise<void>((resolve, reject) => {
      client.once('session:started', () => resolve());
      client.once('auth:failed', () => reject(new Error('the log-in failed')));
      client.once('disconnected', (error) => reject(error ?? new Error('disconnected')));
    });
    const person = new XmppPerson(client, name);
    client.connect();
    await started;
    client.sendPresence();
    return person;
  }

  private constructor(client: Agent, name: string) {
    this.#client = client;
    this.#name = name;
    client.on('groupchat', (message) => this.messages.push(message));
  }

  async join(room: string): Promise<void> {
    await this.#client.joinRoom(room, this.#name);
  }

  leave(room: string): void {
    this.#client.leaveRoom(room, this.#name);
  }

  /** The id that the client gave it. */
  say(room: string, body: string): string {
    return this.#client.sendMessage({ to: room, type: 'groupchat', body });
  }

  /** What stanza has no words for. */
  sendRaw(xml: string): void {
    (this.#client.transport as unknown as { stream: unknown; socket: { send(text: string): void } }).socket.send(xml);
  }

  setSubject(room: string, subject: string): void {
    this.#client.setSubject(room, subject);
  }

  hears(body: string): Promise<ReceivedMessage> {
    return eventually(`“${body}” for ${this.#name}`, () => this.messages.find((message) => message.body === body));
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#client.once('disconnected', resolve));
    this.#client.disconnect();
    await ended;
  }
}
