import { once } from 'node:events';
import net from 'node:net';

/**
 * The other end of a TCP connection, for what no real server does on purpose: silence, broken bytes, netsplits. It registers whoever
 * comes and then does what the test says.
 */
export class Peer {
  readonly port: number;
  readonly lines: string[] = [];
  readonly #server: net.Server;
  #sockets: net.Socket[] = [];
  #capabilities = '';
  #isSilent = false;

  static async start(capabilities = ''): Promise<Peer> {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const peer = new Peer(server);
    peer.#capabilities = capabilities;
    return peer;
  }

  private constructor(server: net.Server) {
    this.#server = server;
    this.port = (server.address() as net.AddressInfo).port;
    server.on('connection', (socket) => this.#greet(socket));
  }

  /** How often somebody connected. */
  get connections(): number {
    return this.#sockets.length;
  }

  write(bytes: string | Buffer): void {
    this.#sockets.at(-1)?.write(bytes);
  }

  /** From now on nothing is answered, and nothing is closed: as if the cable was cut. */
  fallsSilent(): void {
    this.#isSilent = true;
  }

  speaksAgain(): void {
    this.#isSilent = false;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #greet(socket: net.Socket): void {
    this.#sockets.push(socket);
    socket.on('error', () => undefined);
    let nick = '*';
    let rest = '';
    socket.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        this.lines.push(line);
        if (this.#isSilent) continue;
        const [command = '', first = ''] = line.split(' ');
        if (command === 'NICK') nick = first;
        this.#answer(socket, command, line, nick);
      }
    });
  }

  #answer(socket: net.Socket, command: string, line: string, nick: string): void {
    const say = (text: string): void => void socket.write(`:peer.test ${text}\r\n`);
    const rest = line.slice(line.indexOf(' ') + 1);
    if (line.startsWith('CAP LS')) say(`CAP * LS :${this.#capabilities}`);
    else if (line.startsWith('CAP REQ')) say(`CAP ${nick} ACK :${rest.replace(/^REQ :?/, '')}`);
    else if (line.startsWith('CAP END')) this.#welcome(say, nick);
    else if (command === 'PING') say(`PONG peer.test ${rest}`);
    else if (command === 'JOIN') {
      socket.write(`:${nick}!u@h JOIN ${rest}\r\n`);
      say(`353 ${nick} = ${rest} :${nick} kim lee`);
      say(`366 ${nick} ${rest} :End`);
    }
  }

  #welcome(say: (text: string) => void, nick: string): void {
    say(`001 ${nick} :Welcome`);
    say(`422 ${nick} :No message of the day`);
  }
}
