import { once } from 'node:events';
import net from 'node:net';
import { formatLine, parseLine, type Line } from '../../../server/foundation/irc-line.ts';
import { eventually } from '../../support/eventually.ts';

/** A member with an IRC client: plain without a token, with IRCv3 and an account with one. */
export class IrcPerson {
  readonly lines: Line[] = [];
  readonly nick: string;
  readonly #socket: net.Socket;

  static async connect(port: number, nick: string, token?: string): Promise<IrcPerson> {
    const socket = net.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const person = new IrcPerson(socket, nick);
    if (token) {
      person.send('CAP REQ :message-tags sasl account-tag server-time echo-message draft/message-redaction batch draft/multiline');
      person.send('AUTHENTICATE IRCV3BEARER');
      await person.sees(({ command }) => command === 'AUTHENTICATE');
      person.send(`AUTHENTICATE ${Buffer.from(`\0jwt\0${token}`).toString('base64')}`);
    }
    person.send(`NICK ${nick}`, `USER ${nick} 0 * ${nick}`, ...(token ? ['CAP END'] : []));
    await person.sees(({ command }) => command === '376' || command === '422');
    return person;
  }

  private constructor(socket: net.Socket, nick: string) {
    this.#socket = socket;
    this.nick = nick;
    let buffer = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      const parts = (buffer + chunk).split('\r\n');
      buffer = parts.pop() ?? '';
      for (const part of parts) this.#take(parseLine(part) as Line);
    });
    socket.on('error', () => undefined);
  }

  send(...lines: string[]): void {
    for (const line of lines) this.#socket.write(`${line}\r\n`);
  }

  async join(channel: string): Promise<void> {
    this.send(`JOIN ${channel}`);
    await this.sees((line) => line.command === '366' && line.parameters[1] === channel);
  }

  say(channel: string, text: string): void {
    this.send(formatLine('PRIVMSG', channel, text));
  }

  /** The first line, of those that came and those that come, that fits. */
  sees(fits: (line: Line) => boolean): Promise<Line> {
    return eventually(`a line for ${this.nick}`, () => this.lines.find(fits));
  }

  async quit(): Promise<void> {
    const closed = once(this.#socket, 'close');
    this.send('QUIT :bye');
    await closed;
  }

  #take(line: Line): void {
    if (line.command === 'PING') this.send(formatLine('PONG', ...line.parameters));
    else this.lines.push(line);
  }
}
