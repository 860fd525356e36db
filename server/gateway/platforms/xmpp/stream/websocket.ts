import { WebSocket } from 'ws';
import { messageOf } from '../../../../foundation/errors.ts';
import type { TcpAddress } from '../../../../foundation/topology.ts';
import { limits } from '../limits.ts';
import { ns } from '../namespaces.ts';
import { serialise, xml, type Element } from '../xml/element.ts';
import { parseElement } from '../xml/parser.ts';
import { silent, type Transport, type TransportListener } from './transport.ts';

const CLOSING_TIME = 1_000;

/** The team server's own websocket, on the appliance's inside: no TLS there, and none needed. */
export function openWebSocket(address: TcpAddress, domain: string, signal: AbortSignal): Promise<Transport> {
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  const socket = new WebSocket(`ws://${host}:${address.port}/xmpp-websocket`, 'xmpp', {
    // Prosody finds the virtual host by this header.
    headers: { host: domain },
    perMessageDeflate: false,
    maxPayload: limits.stanza.size,
    handshakeTimeout: limits.connectTime,
  });
  return new Promise((resolve, reject) => {
    const abort = (): void => fail(new Error('it took too long'));
    const fail = (error: Error): void => {
      signal.removeEventListener('abort', abort);
      socket.on('error', () => undefined);
      socket.terminate();
      reject(error);
    };
    socket.once('error', fail);
    socket.once('open', () => {
      socket.off('error', fail);
      signal.removeEventListener('abort', abort);
      resolve(new WebSocketTransport(socket));
    });
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
  });
}

class WebSocketTransport implements Transport {
  listener: TransportListener = silent;
  readonly isSecure = true;
  readonly #socket: WebSocket;
  #isClosed = false;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data, isBinary) => this.#frame(data, isBinary));
    socket.on('error', (error) => this.#closed(error.message));
    socket.on('close', () => this.#closed('The server closed the connection.'));
  }

  open(domain: string): void {
    this.#write(xml('open', { xmlns: ns.framing, to: domain, version: '1.0', 'xml:lang': 'en' }));
  }

  send(element: Element): void {
    // Every frame is a document of its own (RFC 7395, 3.3.3): the namespace stands in each.
    this.#write(element.namespace === '' ? { ...element, namespace: ns.client } : element);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#write(xml('close', { xmlns: ns.framing }));
    this.#socket.close();
    setTimeout(() => this.destroy('closed'), CLOSING_TIME).unref();
  }

  destroy(reason: string): void {
    this.#closed(reason);
    this.#socket.terminate();
  }

  #frame(data: WebSocket.RawData, isBinary: boolean): void {
    if (this.#isClosed) return;
    try {
      if (isBinary || !Buffer.isBuffer(data)) throw new Error('a binary frame');
      const element = parseElement(data.toString('utf8'), limits.stanza);
      if (element.namespace !== ns.framing) this.listener.received(element);
      else if (element.name === 'open') this.listener.opened();
      else this.#streamClosed();
    } catch (error) {
      this.destroy(`The server sent what cannot be read: ${messageOf(error)}.`);
    }
  }

  #streamClosed(): void {
    this.close();
    this.#closed('The server closed the stream.');
  }

  #write(element: Element): void {
    if (this.#isClosed || this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(serialise(element));
    if (this.#socket.bufferedAmount > limits.unsent) this.destroy('The server does not read what is sent to it.');
  }

  #closed(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.listener.closed(reason);
  }
}
