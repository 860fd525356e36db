import net from 'node:net';

/** A wire to a server that can be cut, made to swallow everything, or spoken into. */
export class Wire {
  readonly port: number;
  readonly #server: net.Server;
  readonly #pairs = new Set<{ client: net.Socket; server: net.Socket }>();
  #isOpen = true;

  private constructor(server: net.Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async to(port: number): Promise<Wire> {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const wire = new Wire(server, (server.address() as net.AddressInfo).port);
    server.on('connection', (client) => wire.#connect(client, port));
    return wire;
  }

  /** Breaks all connections. */
  cut(): void {
    for (const { client, server } of this.#pairs) {
      client.destroy();
      server.destroy();
    }
  }

  /** No connection gets through until `open`. */
  shut(): void {
    this.#isOpen = false;
    this.cut();
  }

  open(): void {
    this.#isOpen = true;
  }

  /** The connections stay, but nothing arrives any more on either side: a router that died. */
  swallow(): void {
    for (const { client, server } of this.#pairs) {
      client.unpipe(server).resume();
      server.unpipe(client).resume();
    }
  }

  /** Says something to the client in the server's place. */
  inject(data: Buffer): void {
    for (const { client } of this.#pairs) client.write(data);
  }

  async remove(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #connect(client: net.Socket, port: number): void {
    if (!this.#isOpen) return void client.destroy();
    const server = net.connect(port, '127.0.0.1');
    const pair = { client, server };
    this.#pairs.add(pair);
    client.pipe(server);
    server.pipe(client);
    for (const socket of [client, server]) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#pairs.delete(pair);
        client.destroy();
        server.destroy();
      });
    }
  }
}

/** A websocket frame from a server (RFC 6455, 5.2). */
export function frame(payload: string | Buffer, opcode = 1): Buffer {
  const data = Buffer.from(payload);
  const header = Buffer.alloc(10);
  header[0] = 0x80 | opcode;
  header[1] = 127;
  header.writeBigUInt64BE(BigInt(data.length), 2);
  if (data.length > 65_535) return Buffer.concat([header, data]);
  return data.length > 125
    ? Buffer.concat([Buffer.from([0x80 | opcode, 126, data.length >> 8, data.length & 255]), data])
    : Buffer.concat([Buffer.from([0x80 | opcode, data.length]), data]);
}
