import { once } from 'node:events';
import net from 'node:net';
import type { Browser } from '../gateway/support/browser.ts';
import { text, type House } from '../gateway/support/house.ts';

/** Somebody in a channel, however connected: what the benchmark compares. */
export interface Talker {
  /** Resolves when the server confirmed it. */
  say(content: string): Promise<void>;
  onText(listener: (content: string) => void): void;
  leave(): void;
}

/** A member at the gateway, as a browser is. */
export async function gatewayTalker(house: House, name: string, room: string): Promise<Talker> {
  const browser: Browser = await house.member(name, room);
  browser.socket.removeAllListeners('message');
  return {
    say: async (content) => void (await browser.says('message', text(name, room, content))),
    onText: (listener) =>
      browser.socket.on('message', (activity: { type: string; object?: { content?: string } }) => {
        if (activity.type === 'send') listener(activity.object?.content ?? '');
      }),
    leave: () => browser.leaves(),
  };
}

/** A bare IRC client: the floor below which no gateway comes. It asks for its own messages back, so that they are confirmed. */
export async function rawTalker(port: number, name: string, room: string): Promise<Talker> {
  const socket = net.connect(port, '127.0.0.1').setNoDelay(true);
  const confirmed: (() => void)[] = [];
  const listeners: ((content: string) => void)[] = [];
  let joined: (() => void) | undefined;
  let rest = '';
  socket.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\r\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('PING')) socket.write(`PONG${line.slice(4)}\r\n`);
      const [source = '', command = '', , ...words] = line.split(' ');
      if (command === '366') joined?.();
      if (command !== 'PRIVMSG') continue;
      if (source.startsWith(`:${name}!`)) confirmed.shift()?.();
      else for (const listener of listeners) listener(words.join(' ').slice(1));
    }
  });
  await once(socket, 'connect');
  const entered = new Promise<void>((resolve) => (joined = resolve));
  socket.write(`CAP REQ echo-message\r\nNICK ${name}\r\nUSER u 0 * :u\r\nCAP END\r\nJOIN ${room}\r\n`);
  await entered;
  return {
    say: (content) =>
      new Promise((resolve) => {
        confirmed.push(resolve);
        socket.write(`PRIVMSG ${room} :${content}\r\n`);
      }),
    onText: (listener) => void listeners.push(listener),
    leave: () => socket.destroy(),
  };
}
