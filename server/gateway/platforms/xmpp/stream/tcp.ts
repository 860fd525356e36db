import net from 'node:net';
import tls from 'node:tls';
import { messageOf } from '../../../../foundation/errors.ts';
import type { TcpAddress } from '../../../../foundation/topology.ts';
import { limits } from '../limits.ts';
import { ns } from '../namespaces.ts';
import { escapeXml, serialise, type Element } from '../xml/element.ts';
import { XmlParser } from '../xml/parser.ts';
import { silent, type Transport, type TransportListener } from './transport.ts';

export interface TcpOptions {
  /** The name that the certificate must have: the account's domain (RFC 6120, 13.7.2), wherever SRV records lead. */
  readonly domain: string;
  /** TLS from the first byte (XEP-0368). */
  readonly isDirectTls: boolean;
  /** Certificates to trust besides the system's; for tests. */
  readonly ca?: string;
  readonly signal: AbortSignal;
}

const CLOSING_TIME = 1_000;

export async function openTcp(address: TcpAddress, options: TcpOptions): Promise<Transport> {
  const socket = net.connect({ host: address.host, port: address.port, noDelay: true, keepAlive: true });
  await settled(socket, 'connect', options.signal);
  const transport = new TcpTransport(socket, options);
  if (options.isDirectTls) await transport.encrypt();
  return transport;
}

class TcpTransport implements Transport {
  listener: TransportListener = silent;
  isSecure = false;
  #socket: net.Socket;
  #options: TcpOptions;
  #parser = this.#newParser();
  #decoder = new TextDecoder('utf-8', { fatal: true });
  #isClosed = false;

  constructor(socket: net.Socket, options: TcpOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#attach(socket);
  }

  open(domain: string): void {
    this.#parser = this.#newParser();
    this.#write(
      `<?xml version='1.0'?><stream:stream to='${escapeXml(domain)}' version='1.0' xml:lang='en' ` +
        `xmlns='${ns.client}' xmlns:stream='${ns.streams}'>`,
    );
  }

  send(element: Element): void {
    this.#write(serialise(element, ns.client));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#write('</stream:stream>');
    this.#socket.end();
    setTimeout(() => this.destroy('closed'), CLOSING_TIME).unref();
  }

  destroy(reason: string): void {
    this.#closed(reason);
    this.#socket.destroy();
  }

  async encrypt(): Promise<void> {
    const { domain, ca, isDirectTls, signal } = this.#options;
    const plain = this.#socket;
    plain.removeAllListeners();
    const secured = tls.connect({
      socket: plain,
      ...(net.isIP(domain) === 0 ? { servername: domain } : {}),
      ...(ca === undefined ? {} : { ca: [...tls.rootCertificates, ca] }),
      ...(isDirectTls ? { ALPNProtocols: ['xmpp-client'] } : {}),
      minVersion: 'TLSv1.2',
    });
    plain.on('error', (error) => secured.destroy(error));
    await settled(secured, 'secureConnect', signal);
    this.#socket = secured;
    this.#decoder = new TextDecoder('utf-8', { fatal: true });
    this.isSecure = true;
    this.#attach(secured);
  }

  #attach(socket: net.Socket): void {
    socket.on('data', (data: Buffer) => this.#data(data));
    socket.on('error', (error) => this.#closed(error.message));
    socket.on('close', () => this.#closed('The server closed the connection.'));
  }

  #newParser(): XmlParser {
    return new XmlParser(
      {
        opened: () => this.listener.opened(),
        read: (element) => this.listener.received(element),
        closed: () => {
          this.close();
          this.#closed('The server closed the stream.');
        },
      },
      limits.stanza,
    );
  }

  #data(data: Buffer): void {
    if (this.#isClosed) return;
    try {
      this.#parser.write(this.#decoder.decode(data, { stream: true }));
    } catch (error) {
      this.destroy(`The server sent what cannot be read: ${messageOf(error)}.`);
    }
  }

  #write(text: string): void {
    if (this.#isClosed || !this.#socket.writable) return;
    this.#socket.write(text);
    if (this.#socket.writableLength > limits.unsent) this.destroy('The server does not read what is sent to it.');
  }

  #closed(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.listener.closed(reason);
  }
}

function settled(socket: net.Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      signal.removeEventListener('abort', abort);
      socket.destroy();
      reject(error);
    };
    const abort = (): void => fail(new Error('it took too long'));
    const closed = (): void => fail(new Error('the connection was closed'));
    socket.once('error', fail);
    socket.once('close', closed);
    socket.once(event, () => {
      signal.removeEventListener('abort', abort);
      socket.off('error', fail);
      socket.off('close', closed);
      resolve();
    });
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
  });
}
