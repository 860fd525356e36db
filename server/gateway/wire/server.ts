import type http from 'node:http';
import { Server, type Socket } from 'socket.io';
import { KosmosError } from '../../foundation/errors.ts';
import type { Logger } from '../../foundation/logging.ts';
import type { Limits } from '../access/limits.ts';
import type { Handshake, Visitor } from '../access/handshake.ts';
import { BatchedWebSocketServer } from './batched-websockets.ts';
import { ClientSocket, type SocketSurroundings } from './client-socket.ts';

export interface WireOptions extends SocketSurroundings {
  readonly server: http.Server;
  /** Throws a coded error to refuse. */
  admit(handshake: Handshake): Promise<Visitor>;
}

/** Above `messageBytes`, so that a request that is only somewhat too large is still answered; beyond it the socket is closed. */
const LARGEST_PACKET = 1_000_000;
const SWEEP = 60_000;

/** Socket.IO 4 on `/sockethub`: who is connected, by account and by session of the appliance. */
export class Wire {
  readonly #io: Server;
  readonly #limits: Limits;
  readonly #logger: Logger;
  readonly #sockets = new Set<ClientSocket>();
  readonly #perAccount = new Map<string, number>();
  readonly #sweep: NodeJS.Timeout;

  constructor(options: WireOptions) {
    this.#limits = options.limits;
    this.#logger = options.logger;
    this.#io = new Server(options.server, {
      path: '/sockethub',
      transports: ['websocket', 'polling'],
      serveClient: false,
      maxHttpBufferSize: LARGEST_PACKET,
      perMessageDeflate: false,
      wsEngine: BatchedWebSocketServer,
      connectTimeout: 10_000,
    });
    this.#io.use((socket, next) => {
      this.#admit(socket, options).then(
        () => next(),
        (error: unknown) => next(refusal(error, this.#logger)),
      );
    });
    this.#io.on('connection', (socket) => this.#connected(socket, options));
    this.#sweep = setInterval(() => this.#endExpired(), SWEEP).unref();
  }

  get size(): number {
    return this.#sockets.size;
  }

  /** Parts from the sockets that the filter names, telling them why; those that still may be here come back by themselves. */
  end(concerned: (visitor: Visitor) => boolean, error?: KosmosError): void {
    for (const socket of [...this.#sockets]) if (concerned(socket.visitor)) socket.disconnect(error);
  }

  async close(): Promise<void> {
    clearInterval(this.#sweep);
    await this.#io.close();
  }

  async #admit(socket: Socket, options: WireOptions): Promise<void> {
    const { headers, auth } = socket.handshake;
    const visitor = await options.admit({ headers, auth: auth as Record<string, unknown> });
    const limit = this.#limits.socketsPerAccount;
    // Whoever is admitted and then refused, or gone before it is connected, must be counted out as well.
    if (visitor.left) socket.conn.once('close', visitor.left);
    if ((this.#perAccount.get(visitor.account.id) ?? 0) >= limit) throw new KosmosError('KOSMOS_ERR_SOCKET_LIMIT', { limit });
    socket.data = visitor;
  }

  #connected(socket: Socket, options: WireOptions): void {
    const visitor = socket.data as Visitor;
    const client = new ClientSocket(socket, visitor, options);
    this.#sockets.add(client);
    this.#count(visitor, 1);
    socket.on('disconnect', () => {
      this.#sockets.delete(client);
      this.#count(visitor, -1);
    });
  }

  #count({ account }: Visitor, change: 1 | -1): void {
    const count = (this.#perAccount.get(account.id) ?? 0) + change;
    if (count > 0) this.#perAccount.set(account.id, count);
    else this.#perAccount.delete(account.id);
  }

  #endExpired(): void {
    const now = new Date().toISOString();
    this.end(({ session }) => session.expiresAt <= now, new KosmosError('KOSMOS_ERR_UNAUTHENTICATED'));
  }
}

/** `connect_error` carries the code in `data`. */
function refusal(error: unknown, logger: Logger): Error {
  const coded = error instanceof KosmosError ? error : new KosmosError('KOSMOS_ERR_INTERNAL', { requestId: 'handshake' });
  if (!(error instanceof KosmosError)) logger.error({ err: error }, 'a handshake failed');
  return Object.assign(new Error(coded.message), { data: coded.toJSON() });
}
