import type { Element } from '../xml/element.ts';

export interface TransportListener {
  /** The peer opened its stream, or opened it anew. */
  opened(): void;
  received(element: Element): void;
  /** Exactly once, last. */
  closed(reason: string): void;
}

/** Carries an XML stream: over TCP (RFC 6120) or in websocket frames (RFC 7395). */
export interface Transport {
  listener: TransportListener;
  /** Nobody on the way can read or change what is said; PLAIN needs that. */
  readonly isSecure: boolean;
  /** Opens the stream, or opens it anew as TLS and SASL ask for. */
  open(domain: string): void;
  send(element: Element): void;
  /** Ends the stream politely, the connection at the latest a second later. */
  close(): void;
  destroy(reason: string): void;
  /** STARTTLS, after the server said to proceed. Absent where it makes no sense. */
  encrypt?(): Promise<void>;
}

/** Listens to nothing until somebody does. */
export const silent: TransportListener = { opened: () => undefined, received: () => undefined, closed: () => undefined };
