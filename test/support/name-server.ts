import dgram from 'node:dgram';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';

/** Records by name: `{ 'chat.example.test': { A: ['203.0.113.1'] } }`. */
export type Zone = Readonly<Record<string, Readonly<Partial<Record<keyof typeof types, readonly string[]>>>>>;
type Failure = 'refuse' | 'fail' | 'silent';

const types = { A: 1, NS: 2, AAAA: 28, SRV: 33, CAA: 257 } as const;
const codes = { refuse: 5, fail: 2 } as const;
const NAME_ERROR = 3;

/** A name server (RFC 1035) for tests, on loopback: answers from a table, or misbehaves. */
export class TestNameServer {
  zone: Zone = {};
  failure: Failure | undefined;
  readonly #socket = dgram.createSocket('udp4');

  static async start(): Promise<TestNameServer> {
    const server = new TestNameServer();
    server.#socket.bind(0, '127.0.0.1');
    await once(server.#socket, 'listening');
    return server;
  }

  private constructor() {
    this.#socket.on('message', (query, from) => {
      const answer = this.#answer(query);
      if (answer) this.#socket.send(answer, from.port, from.address);
    });
  }

  get port(): number {
    return (this.#socket.address() as AddressInfo).port;
  }

  close(): void {
    this.#socket.close();
  }

  #answer(query: Buffer): Buffer | undefined {
    if (this.failure === 'silent') return undefined;
    const { name, end } = readName(query, 12);
    const type = query.readUInt16BE(end);
    const question = query.subarray(12, end + 4);
    const kind = (Object.keys(types) as (keyof typeof types)[]).find((key) => types[key] === type);
    const records = this.zone[name.toLowerCase()];
    const values = (kind && records?.[kind]) ?? [];
    const code = this.failure ? codes[this.failure] : records ? 0 : NAME_ERROR;
    const answers = this.failure || !kind ? [] : values.map((value) => record(type, encode(kind, value)));
    const head = Buffer.alloc(12);
    query.copy(head, 0, 0, 2);
    // An answer, with authority; recursion as it was asked for.
    head.writeUInt16BE(0x8480 | (query.readUInt16BE(2) & 0x0100) | code, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(answers.length, 6);
    return Buffer.concat([head, question, ...answers]);
  }
}

function readName(message: Buffer, start: number): { name: string; end: number } {
  const labels: string[] = [];
  let at = start;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join('.'), end: at + 1 };
}

function record(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  // The name is the question's, by a pointer to it.
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function encode(kind: keyof typeof types, value: string): Buffer {
  if (kind === 'A') return Buffer.from(value.split('.').map(Number));
  if (kind === 'AAAA') return encodeV6(value);
  if (kind === 'NS') return encodeName(value);
  if (kind === 'SRV') {
    const [priority, weight, port, target = ''] = value.split(' ');
    const numbers = Buffer.alloc(6);
    [priority, weight, port].forEach((number, index) => numbers.writeUInt16BE(Number(number), index * 2));
    return Buffer.concat([numbers, encodeName(target)]);
  }
  const [, flags = '0', tag = '', text = ''] = /^(\d+) (\w+) "(.*)"$/.exec(value) ?? [];
  return Buffer.concat([Buffer.from([Number(flags), tag.length]), Buffer.from(tag + text)]);
}

function encodeName(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}

function encodeV6(address: string): Buffer {
  if (!net.isIPv6(address)) throw new Error(`${address} is no IPv6 address`);
  const [head = '', tail] = address.split('::');
  const groups = (text: string | undefined): string[] => (text ? text.split(':') : []);
  const zeros = Array.from({ length: 8 - groups(head).length - groups(tail).length }, () => '0');
  const all = tail === undefined ? groups(head) : [...groups(head), ...zeros, ...groups(tail)];
  const bytes = Buffer.alloc(16);
  all.forEach((group, index) => bytes.writeUInt16BE(parseInt(group, 16), index * 2));
  return bytes;
}
