import { once } from 'node:events';
import WebSocket, { type RawData } from 'ws';
import { messageOf } from '../../foundation/errors.ts';
import type { TcpAddress } from '../../foundation/topology.ts';

const LARGEST_FRAME = 64 * 1024;
const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';

interface LogIn {
  readonly name: string;
  /** JSON Web Token of the account, in the place of a password. */
  readonly token: string;
}

/**
 * Opens an XMPP stream (RFC 7395); resolves once the server offers ways to log in, and with `logIn` once it let that account in: then
 * it has asked control, too.
 */
export async function probeStream(address: TcpAddress, domain: string, signal: AbortSignal, logIn?: LogIn): Promise<void> {
  const socket = new WebSocket(`ws://${address.host}:${address.port}/xmpp-websocket`, 'xmpp', { maxPayload: LARGEST_FRAME });
  const abort = (): void => socket.terminate();
  signal.addEventListener('abort', abort);
  // What breaks the connection shows as its end below.
  let failure: unknown;
  socket.on('error', (error) => (failure = error));
  try {
    const frames = framesOf(socket);
    await once(socket, 'open', { signal });
    socket.send(`<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="${domain}" version="1.0"/>`);
    for await (const frame of frames) {
      const isOffer = frame.includes('<mechanism>SCRAM-SHA-256</mechanism>');
      if (frame.startsWith('<success') || (isOffer && !logIn)) return;
      if (isOffer && logIn) socket.send(`<auth xmlns="${SASL}" mechanism="PLAIN">${plain(logIn)}</auth>`);
      if (frame.startsWith('<failure')) throw new Error(`the log-in was refused: ${frame.slice(0, 300)}`);
      if (frame.startsWith('<close') || frame.includes('<stream:error')) throw new Error(`the stream was refused: ${frame.slice(0, 200)}`);
    }
    throw new Error(`the stream ended early: ${signal.aborted ? 'it took too long' : messageOf(failure ?? 'closed')}`);
  } finally {
    signal.removeEventListener('abort', abort);
    socket.terminate();
  }
}

/** RFC 4616. */
function plain({ name, token }: LogIn): string {
  return Buffer.from(`\0${name}\0${token}`).toString('base64');
}

/** Begins to listen at once, so that no frame is missed. */
function framesOf(socket: WebSocket): AsyncIterable<string> {
  const waiting: string[] = [];
  let wake = (): void => undefined;
  let ended = false;
  socket.on('message', (data: RawData) => {
    waiting.push((data as Buffer).toString('utf8'));
    wake();
  });
  socket.on('close', () => {
    ended = true;
    wake();
  });
  return {
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const frame = waiting.shift();
        if (frame !== undefined) yield frame;
        else if (ended) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}
