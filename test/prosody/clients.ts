import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { client, type Client, type Element } from '@xmpp/client';
import { createClient, type Agent } from 'stanza';
import WebSocket from 'ws';
import { domain, passwordOf, type TestAppliance } from './appliance.ts';

export const PATIENCE = 10_000;
const mechanisms = ['SCRAM-SHA-256', 'SCRAM-SHA-1', 'PLAIN'] as const;
export type Mechanism = (typeof mechanisms)[number];

export interface LogIn {
  readonly secret?: string;
  readonly mechanism?: Mechanism;
}

/** An event of an emitter that fits, or an error that names it. */
export async function eventOf<T>(
  emitter: NodeJS.EventEmitter,
  name: string,
  fits: (value: T) => boolean = () => true,
  patience = PATIENCE,
): Promise<T> {
  const signal = AbortSignal.timeout(patience);
  return new Promise((resolve, reject) => {
    const listener = (value: T): void => {
      if (!fits(value)) return;
      emitter.off(name, listener);
      resolve(value);
    };
    emitter.on(name, listener);
    signal.addEventListener('abort', () => reject(new Error(`“${name}” did not come`)), { once: true });
  });
}

/** stanza over the websocket. Rejects with the condition if the log-in fails. */
export async function logInByWebsocket(test: TestAppliance, name: string, { secret, mechanism }: LogIn = {}): Promise<Agent> {
  const agent = createClient({
    ...{ jid: `${name}@${domain}`, password: secret ?? passwordOf(name), autoReconnect: false },
    transports: { websocket: test.websocketUrl, bosh: false },
  });
  if (mechanism) for (const other of mechanisms.filter((known) => known !== mechanism)) agent.sasl.disable(other);
  const events = agent as unknown as NodeJS.EventEmitter;
  let condition = 'disconnected';
  agent.on('sasl', (sasl) => {
    if (sasl.type === 'failure') condition = sasl.condition;
  });
  const outcome = Promise.race([
    eventOf(events, 'session:started'),
    eventOf(events, 'disconnected').then(() => Promise.reject(new Error(condition))),
  ]);
  agent.connect();
  await outcome;
  return agent;
}

/** Trusts the test's certificate and nothing else; the host name is checked as ever. */
function trustOnly(certificateFile: string): () => void {
  const connect = tls.connect;
  tls.connect = ((options: tls.ConnectionOptions) => connect({ ...options, ca: readFileSync(certificateFile) })) as typeof tls.connect;
  return () => {
    tls.connect = connect;
  };
}

/** @xmpp/client over TCP with STARTTLS. Rejects with the condition if the log-in fails. */
export async function logInByTcp(test: TestAppliance, name: string, { secret, mechanism = 'SCRAM-SHA-1' }: LogIn = {}): Promise<Client> {
  const { settings, certificate } = test.appliance;
  const credentials = { username: name, password: secret ?? passwordOf(name) };
  const xmpp = client({
    ...{ service: `xmpp://127.0.0.1:${settings.xmppPort}`, domain },
    credentials: (authenticate) => authenticate(credentials, mechanism),
  });
  xmpp.reconnect.stop();
  // What breaks the connection rejects `start` or is awaited by the test.
  xmpp.on('error', () => undefined);
  const distrust = trustOnly(certificate.certificateFile);
  try {
    await xmpp.start();
    return xmpp;
  } catch (error) {
    await xmpp.stop().catch(() => undefined);
    throw error;
  } finally {
    distrust();
  }
}

export function stanzaOf(xmpp: Client, fits: (element: Element) => boolean): Promise<Element> {
  return eventOf(xmpp, 'element', fits);
}

interface FailedLogIn {
  /** The stream's. */
  readonly features: string;
  /** Of the server's first SCRAM message (RFC 5802, 5), if it came to that. */
  readonly salt?: string;
  readonly failure: string;
}

/** Tries to log in by SCRAM-SHA-256 with a wrong proof. */
export async function failToLogIn(url: string, name: string, headers: Record<string, string> = {}): Promise<FailedLogIn> {
  const socket = new WebSocket(url, 'xmpp', { headers });
  const frames = new EventEmitter();
  socket.on('message', (data: Buffer) => frames.emit('frame', data.toString()));
  await once(socket, 'open');
  const exchange = (text: string, tag: string): Promise<string> => {
    const answer = eventOf(frames, 'frame', (frame: string) => frame.startsWith(tag));
    socket.send(text);
    return answer;
  };
  const end = (result: FailedLogIn): FailedLogIn => {
    socket.terminate();
    return result;
  };
  const sasl = (element: string, text: string): string =>
    `<${element} xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="SCRAM-SHA-256">${Buffer.from(text).toString('base64')}</${element}>`;
  const features = await exchange(`<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="${domain}" version="1.0"/>`, '<stream:features');
  const first = await exchange(sasl('auth', `n,,n=${name},r=abcdefgh`), '<');
  if (first.startsWith('<failure')) return end({ features, failure: first });
  const challenge = Buffer.from(/<challenge[^>]*>([^<]+)/.exec(first)?.[1] ?? '', 'base64').toString();
  const [nonce, salt] = challenge.split(',');
  const proof = Buffer.alloc(32).toString('base64');
  const failure = await exchange(sasl('response', `c=biws,${nonce},p=${proof}`), '<failure');
  return end({ features, salt, failure });
}

/** What somebody at a keyboard would see: bytes over TCP, without TLS. */
export class RawClient {
  #received = '';
  readonly #socket: net.Socket;

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8').on('data', (text: string) => (this.#received += text));
  }

  static async open(port: number): Promise<RawClient> {
    const socket = net.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** Sends, and resolves with everything that was received once `expected` is in it. */
  async exchange(text: string, expected: string): Promise<string> {
    this.#received = '';
    this.#socket.write(text);
    const signal = AbortSignal.timeout(PATIENCE);
    while (!this.#received.includes(expected)) await once(this.#socket, 'data', { signal });
    return this.#received;
  }

  close(): void {
    this.#socket.destroy();
  }
}
