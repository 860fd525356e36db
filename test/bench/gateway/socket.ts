import { once } from 'node:events';
import net from 'node:net';
import { WebSocket } from 'ws';
import { listenOptions, type Address } from '../../../server/foundation/topology.ts';

interface Pushed {
  readonly type: string;
  readonly object?: { readonly content?: string };
  readonly error?: string;
}

/**
 * The least that speaks Socket.IO 5 over a websocket. A benchmark's members all live in one process: a whole client library for each
 * would be what is measured.
 */
export class LeanSocket {
  onPush: (activity: Pushed) => void = () => undefined;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (answer: Pushed) => void>();
  #count = 0;

  static async open(address: Address, token: string): Promise<LeanSocket> {
    const socket = new WebSocket('ws://gateway.test/sockethub/?EIO=4&transport=websocket', {
      perMessageDeflate: false,
      createConnection: () => net.connect(listenOptions(address)),
    });
    const lean = new LeanSocket(socket);
    const [opening] = (await once(socket, 'message')) as [Buffer];
    if (opening[0] !== 0x30) throw new Error(`no Engine.IO there: ${opening.toString()}`);
    socket.send(`40${JSON.stringify({ token })}`);
    const [welcome] = (await once(socket, 'message')) as [Buffer];
    if (!welcome.toString().startsWith('40')) throw new Error(`not let in: ${welcome.toString()}`);
    return lean;
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => this.#receive(data.toString()));
  }

  /** Resolves with the acknowledgement; rejects with its error. */
  ask(event: string, request: unknown): Promise<Pushed> {
    const number = (this.#count += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, (answer) => (answer.error === undefined ? resolve(answer) : reject(new Error(answer.error))));
      this.#socket.send(`42${number}${JSON.stringify([event, request])}`);
    });
  }

  close(): void {
    this.#socket.close();
  }

  #receive(packet: string): void {
    if (packet === '2') this.#socket.send('3');
    else if (packet.startsWith('42')) this.onPush((JSON.parse(packet.slice(packet.indexOf('['))) as [string, Pushed])[1]);
    else if (packet.startsWith('43')) {
      const start = packet.indexOf('[');
      const number = Number(packet.slice(2, start));
      this.#waiting.get(number)?.((JSON.parse(packet.slice(start)) as [Pushed])[0]);
      this.#waiting.delete(number);
    }
  }
}
