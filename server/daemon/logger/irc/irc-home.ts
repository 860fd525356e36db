import { KosmosError } from '../../../foundation/errors.ts';
import type { Line } from '../../../foundation/irc-line.ts';
import type { TcpAddress } from '../../../foundation/topology.ts';
import { BOT_NAME } from '../../../identity/names.ts';
import type { Channel } from '../../../teams/channels.ts';
import { OVERLAP, type Home, type HomeContext, type Utterance } from '../home.ts';
import type { Lane } from '../lane.ts';
import { keepConnected } from '../life.ts';
import { forEachParallel } from '../parallel.ts';
import { IrcClient } from './client.ts';
import { isBatch, type Item } from './items.ts';
import { nickOf, readItem, type InChannel } from './reading.ts';
import { relayed } from './speech.ts';

interface Room {
  channel: Channel;
  readonly lane: Lane;
  /** Nicks in lower case: a QUIT does not say which channels it leaves. */
  readonly occupants: Set<string>;
  isEntered: boolean;
}

export interface IrcServer {
  readonly address: TcpAddress;
  readonly operPassword: string;
}

const WIDTH = 8;
const PAGE = 500;
const ENTER_AGAIN = 5_000;

/** The bot on Ergo: an operator, in every IRC channel of every team. */
export class IrcHome implements Home {
  readonly #context: HomeContext;
  readonly #server: IrcServer;
  /** By name on the server, lower case, with `#`. */
  readonly #rooms = new Map<string, Room>();
  readonly #closing = new AbortController();
  readonly #life: Promise<void>;
  readonly #timer: NodeJS.Timeout;
  #client: IrcClient | undefined;
  #entering: Promise<void> = Promise.resolve();

  constructor(context: HomeContext, server: IrcServer) {
    this.#context = context;
    this.#server = server;
    this.#life = keepConnected(() => this.#connect(), this.#closing.signal, context.logger);
    this.#timer = setInterval(() => this.#enterAll(), ENTER_AGAIN);
  }

  isConnected(): boolean {
    return this.#client?.isOpen ?? false;
  }

  setChannels(channels: readonly Channel[]): void {
    const wanted = new Map(channels.map((channel) => [nameOf(channel), channel]));
    for (const [name] of this.#rooms) {
      if (wanted.has(name)) continue;
      this.#rooms.delete(name);
      if (this.isConnected()) this.#client?.send('PART', name);
    }
    for (const [name, channel] of wanted) {
      const known = this.#rooms.get(name);
      if (known) known.channel = channel;
      else this.#rooms.set(name, this.#roomFor(channel));
    }
    this.#enterAll();
  }

  async say(channel: Channel, utterance: Utterance): Promise<void> {
    const client = this.#client;
    const refuse = (reason: string): never => {
      throw new KosmosError('KOSMOS_ERR_CHANNEL_UNREACHABLE', { channel: channel.name, reason });
    };
    if (!client?.isOpen) return refuse('the IRC server is not connected');
    const { nick, lines } = relayed(utterance, BOT_NAME);
    for (const line of lines) {
      const answer = await client.ask('RELAYMSG', nameOf(channel), nick, line).catch((error: Error) => refuse(error.message));
      const refusal = refusalIn(answer);
      if (refusal) refuse(refusal);
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#timer);
    this.#client?.close();
    await this.#life;
  }

  #roomFor(channel: Channel): Room {
    const lane = this.#context.laneOf(channel.id);
    lane.hold();
    return { channel, lane, occupants: new Set(), isEntered: false };
  }

  async #connect(): Promise<void> {
    const { address, operPassword } = this.#server;
    const token = await this.#context.mintToken();
    const client = await IrcClient.open({ address, nick: BOT_NAME, token, operPassword }, this.#closing.signal);
    this.#client = client;
    const ended = new Promise<Error>((resolve) => {
      client.onClose = resolve;
    });
    client.onItem = (item) => this.#take(item);
    this.#context.logger.info('connected to the IRC server');
    this.#enterAll();
    const reason = await ended;
    for (const room of this.#rooms.values()) {
      room.isEntered = false;
      room.occupants.clear();
      room.lane.dropWaiting();
      room.lane.hold();
    }
    throw reason;
  }

  /** Into every room where the bot is not yet. One round after the other. */
  #enterAll(): void {
    this.#entering = this.#entering
      .then(() => {
        const client = this.#client;
        const missing = [...this.#rooms].filter(([, room]) => !room.isEntered);
        return client?.isOpen ? forEachParallel(missing, WIDTH, ([name, room]) => this.#enter(client, name, room)) : undefined;
      })
      .catch((error: unknown) => this.#context.logger.debug({ err: error }, 'a channel could not be entered'));
  }

  async #enter(client: IrcClient, name: string, room: Room): Promise<void> {
    room.lane.hold();
    const refusal = refusalIn(await client.ask('SAJOIN', BOT_NAME, name));
    if (refusal) return this.#context.logger.warn({ channel: name }, `the channel cannot be entered: ${refusal}`);
    await client.ask('NAMES', name);
    room.isEntered = true;
    await this.#catchUp(client, name, room);
    room.lane.release();
    this.#context.logger.info({ channel: name }, 'logging');
  }

  /** What was said while the bot was away (https://ircv3.net/specs/extensions/chathistory). */
  async #catchUp(client: IrcClient, name: string, { channel, lane }: Room): Promise<void> {
    if (!client.has('draft/chathistory')) return;
    const since = (await this.#context.archivedUntil(channel)) - OVERLAP;
    for (let selector = `timestamp=${new Date(since).toISOString()}`; ;) {
      const answer = await client.ask('CHATHISTORY', 'AFTER', name, selector, String(PAGE));
      const batch = answer.find((item) => isBatch(item) && item.type === 'chathistory');
      const items = batch && isBatch(batch) ? batch.items : [];
      await lane.addHistory(
        readItem({ type: 'history', parameters: [], tags: {}, source: '', items }, name)
          .filter(isWorthKeeping)
          .map(({ happening }) => happening),
      );
      const next = items.at(-1)?.tags.msgid;
      if (items.length < PAGE || next === undefined || `msgid=${next}` === selector) return;
      selector = `msgid=${next}`;
    }
  }

  #take(item: Item): void {
    if (isBatch(item)) {
      if (item.type !== 'chathistory') this.#record(readItem(item));
      return;
    }
    if (item.command === 'QUIT' || item.command === 'NICK') return this.#takeUnplaced(item);
    this.#follow(item);
    this.#record(readItem(item));
  }

  #record(read: readonly InChannel[]): void {
    for (const inChannel of read.filter(isWorthKeeping)) {
      const room = this.#rooms.get(inChannel.channel.toLowerCase());
      if (room && !room.lane.add([inChannel.happening])) this.#client?.close(new Error('the archive does not keep up'));
    }
  }

  #takeUnplaced(line: Line): void {
    const nick = nickOf(line.source).toLowerCase();
    for (const [name, room] of this.#rooms) {
      if (!room.occupants.delete(nick)) continue;
      if (line.command === 'NICK') room.occupants.add((line.parameters[0] ?? '').toLowerCase());
      else this.#record(readItem(line, name));
    }
  }

  /** Keeps track of who is where; the bot itself may be thrown out, and then goes in again. */
  #follow({ command, parameters, source }: Line): void {
    if (command === '353') {
      const room = this.#rooms.get((parameters[2] ?? '').toLowerCase());
      for (const nick of (parameters[3] ?? '').split(' ').filter(Boolean)) room?.occupants.add(nick.replace(/^[~&@%+]+/, '').toLowerCase());
      return;
    }
    const room = this.#rooms.get((parameters[0] ?? '').toLowerCase());
    const nick = (command === 'KICK' ? (parameters[1] ?? '') : nickOf(source)).toLowerCase();
    if (command === 'JOIN') room?.occupants.add(nick);
    if (command !== 'PART' && command !== 'KICK') return;
    room?.occupants.delete(nick);
    if (room && nick === BOT_NAME) room.isEntered = false;
  }
}

function nameOf(channel: Channel): string {
  return `#${channel.address.toLowerCase()}`;
}

/** That the bot comes and goes is of no interest; what it says is. */
function isWorthKeeping({ happening }: InChannel): boolean {
  if (happening.type !== 'message') return true;
  const { kind, nick } = happening.message;
  return nick !== 'HistServ' && !(nick === BOT_NAME && kind !== 'text' && kind !== 'notice' && kind !== 'action');
}

function refusalIn(items: readonly Item[]): string | undefined {
  const refusal = items.find((item) => !isBatch(item) && (item.command === 'FAIL' || /^[45]\d\d$/.test(item.command))) as Line | undefined;
  return refusal?.parameters.at(-1);
}
