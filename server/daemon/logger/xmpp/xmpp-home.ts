import { randomUUID } from 'node:crypto';
import { KosmosError, messageOf } from '../../../foundation/errors.ts';
import type { TcpAddress } from '../../../foundation/topology.ts';
import { BOT_NAME } from '../../../identity/names.ts';
import type { Channel } from '../../../teams/channels.ts';
import { type Home, type HomeContext, type Utterance } from '../home.ts';
import { keepConnected } from '../life.ts';
import { forEachParallel } from '../parallel.ts';
import { element, XmppClient, type Element } from './client.ts';
import { RoomPresence, roomOf } from './room.ts';

export interface XmppServer {
  /** Prosody's HTTP. */
  readonly address: TcpAddress;
  readonly domain: string;
}

const WIDTH = 8;
const ENTER_AGAIN = 5_000;
const SPOKEN_LIMIT = 10_000;

/** The bot on Prosody: an admin of every room of every team. */
export class XmppHome implements Home {
  readonly #context: HomeContext;
  readonly #server: XmppServer;
  /** By address of the room. */
  readonly #channels = new Map<string, Channel>();
  readonly #rooms = new Map<string, RoomPresence>();
  /** Our own messages that have not come back yet, by their id. */
  readonly #spoken = new Map<string, () => void>();
  readonly #closing = new AbortController();
  readonly #life: Promise<void>;
  readonly #timer: NodeJS.Timeout;
  #client: XmppClient | undefined;
  #entering: Promise<void> = Promise.resolve();

  constructor(context: HomeContext, server: XmppServer) {
    this.#context = context;
    this.#server = server;
    this.#life = keepConnected(() => this.#connect(), this.#closing.signal, context.logger);
    this.#timer = setInterval(() => this.#enterAll(), ENTER_AGAIN);
  }

  isConnected(): boolean {
    return this.#client?.isOpen ?? false;
  }

  setChannels(channels: readonly Channel[]): void {
    const wanted = new Map(channels.map((channel) => [roomOf(channel, this.#server.domain), channel]));
    for (const address of this.#channels.keys()) {
      if (wanted.has(address)) continue;
      this.#channels.delete(address);
      this.#rooms.get(address)?.leave();
      this.#rooms.delete(address);
    }
    for (const [address, channel] of wanted) this.#channels.set(address, channel);
    this.#enterAll();
  }

  /** The nick is the bot's: a room has no other way. XEP-0172 says under whose name it speaks, for those who look. */
  async say(channel: Channel, { name, text }: Utterance): Promise<void> {
    const address = roomOf(channel, this.#server.domain);
    const refuse = (reason: string): never => {
      throw new KosmosError('KOSMOS_ERR_CHANNEL_UNREACHABLE', { channel: channel.name, reason });
    };
    const client = this.#client;
    if (!client?.isOpen || !this.#rooms.get(address)?.isEntered) return refuse('the XMPP server is not connected');
    const id = randomUUID();
    const returned = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the room did not answer')), SPOKEN_LIMIT);
      this.#spoken.set(id, () => {
        clearTimeout(timer);
        resolve();
      });
    });
    const nick = element('nick', { xmlns: 'http://jabber.org/protocol/nick' }, name);
    const body = element('body', {}, `${name}: ${text}`);
    client.send(element('message', { xmlns: 'jabber:client', type: 'groupchat', id, to: address }, body, nick));
    await returned.catch((error: Error) => refuse(error.message)).finally(() => this.#spoken.delete(id));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#timer);
    this.#client?.close();
    await this.#life;
  }

  async #connect(): Promise<void> {
    for (const channel of this.#channels.values()) this.#context.laneOf(channel.id).hold();
    const { address, domain } = this.#server;
    const login = {
      url: `ws://${address.host}:${address.port}/xmpp-websocket`,
      domain,
      name: BOT_NAME,
      token: await this.#context.mintToken(),
    };
    const client = await XmppClient.open(login, this.#closing.signal);
    this.#client = client;
    const ended = new Promise<Error>((resolve) => {
      client.onClose = resolve;
    });
    client.onStanza = (stanza) => this.#take(stanza);
    client.send(element('presence', { xmlns: 'jabber:client' }));
    this.#context.logger.info('connected to the XMPP server');
    this.#enterAll();
    const reason = await ended;
    for (const room of this.#rooms.values()) room.fail(reason);
    this.#rooms.clear();
    for (const channel of this.#channels.values()) {
      this.#context.laneOf(channel.id).dropWaiting();
      this.#context.laneOf(channel.id).hold();
    }
    throw reason;
  }

  #enterAll(): void {
    this.#entering = this.#entering
      .then(() => {
        const client = this.#client;
        const missing = [...this.#channels].filter(([address]) => !this.#rooms.get(address)?.isEntered);
        return client?.isOpen ? forEachParallel(missing, WIDTH, ([address, channel]) => this.#enter(client, address, channel)) : undefined;
      })
      .catch((error: unknown) => this.#context.logger.debug({ err: error }, 'a room could not be entered'));
  }

  async #enter(client: XmppClient, address: string, channel: Channel): Promise<void> {
    const room = new RoomPresence(client, this.#context.laneOf(channel.id), address, this.#server.domain);
    this.#rooms.set(address, room);
    try {
      await room.enter(await this.#context.archivedUntil(channel));
      this.#context.logger.info({ channel: address }, 'logging');
    } catch (error) {
      if (!client.isOpen) throw error;
      room.fail(error as Error);
      this.#context.logger.warn({ channel: address }, `the room cannot be entered: ${messageOf(error)}`);
    }
  }

  #take(stanza: Element): void {
    const [address = '', nick] = (stanza.getAttribute('from') ?? '').split('/', 2);
    const room = this.#rooms.get(address);
    if (nick === BOT_NAME && stanza.getName() === 'message') this.#spoken.get(stanza.getAttribute('id') ?? '')?.();
    if (room && !room.take(stanza)) this.#client?.close(new Error('the archive does not keep up'));
  }
}
