import { once } from 'node:events';
import net from 'node:net';
import { WebSocket } from 'ws';
import { topologyOf } from '../../../server/foundation/topology.ts';
import { DOMAIN, irc, text } from '../../gateway/support/house.ts';
import type { Place } from './place.ts';
import { LeanSocket } from './socket.ts';

/** Somebody in a channel, however connected: what the benchmark compares. */
export interface Talker {
  /** Resolves when the server confirmed it. */
  say(content: string): Promise<unknown>;
  onText(listener: (content: string) => void): void;
  leave(): void;
}

export type Make = (place: Place, name: string, channel: string) => Promise<Talker>;

function talkerOf(socket: LeanSocket, message: (content: string) => object): Talker {
  return {
    say: (content) => socket.ask('message', message(content)),
    onText: (listener) => {
      socket.onPush = ({ type, object }) => {
        if (type === 'send') listener(object?.content ?? '');
      };
    },
    leave: () => socket.close(),
  };
}

/** A member at the gateway, as a browser is, whose team is on IRC. */
export const throughIrc: Make = async ({ house }, name, channel) => {
  const { token } = await house.control.logIn(name);
  const socket = await LeanSocket.open(topologyOf(house.settings).gateway, token);
  const room = `#${channel}`;
  await socket.ask('credentials', irc(name, 'credentials', { object: { type: 'credentials', nick: name, server: DOMAIN } }));
  await socket.ask('message', irc(name, 'connect'));
  await socket.ask('message', irc(name, 'join', { target: room }));
  return talkerOf(socket, (content) => text(name, room, content));
};

function xmpp(name: string, type: string, more: object = {}): object {
  return { context: 'xmpp', type, actor: { type: 'person', id: `${name}@${DOMAIN}`, name }, ...more };
}

/** The same, on XMPP. */
export const throughXmpp: Make = async ({ house }, name, channel) => {
  const { token } = await house.control.logIn(name);
  const socket = await LeanSocket.open(topologyOf(house.settings).gateway, token);
  const target = { type: 'room', id: `${channel}@rooms.${DOMAIN}`, name: channel };
  await socket.ask('credentials', xmpp(name, 'credentials', { object: { type: 'credentials', userAddress: `${name}@${DOMAIN}` } }));
  await socket.ask('message', xmpp(name, 'connect'));
  await socket.ask('message', xmpp(name, 'join', { target }));
  return talkerOf(socket, (content) => xmpp(name, 'send', { target, object: { type: 'message', content } }));
};

/** A bare IRC client: the floor below which no gateway comes. It asks for its own messages back, so that they are confirmed. */
export const bareIrc: Make = async ({ house }, name, channel) => {
  const socket = net.connect(house.ergo.port, '127.0.0.1').setNoDelay(true);
  const { confirmed, listeners, heard } = ledger();
  const entered = new Promise<void>((resolve) => {
    let rest = '';
    socket.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line.startsWith('PING')) socket.write(`PONG${line.slice(4)}\r\n`);
        const [source = '', command = '', , ...words] = line.split(' ');
        if (command === '366') resolve();
        if (command === 'PRIVMSG') heard(source.startsWith(`:${name}!`), words.join(' ').slice(1));
      }
    });
  });
  await once(socket, 'connect');
  socket.write(`CAP REQ echo-message\r\nNICK ${name}\r\nUSER u 0 * :u\r\nCAP END\r\nJOIN #${channel}\r\n`);
  await entered;
  return {
    say: (content) => confirmed(() => socket.write(`PRIVMSG #${channel} :${content}\r\n`)),
    onText: (listener) => void listeners.push(listener),
    leave: () => socket.destroy(),
  };
};

/** A bare XMPP client on the same websocket as the gateway's sessions. */
export const bareXmpp: Make = async ({ house }, name, channel) => {
  const { port } = topologyOf(house.settings).prosodyHttp;
  await house.control.logIn(name);
  const socket = new WebSocket(`ws://127.0.0.1:${port}/xmpp-websocket`, 'xmpp', { headers: { host: DOMAIN }, perMessageDeflate: false });
  const room = `${channel}@rooms.${DOMAIN}`;
  const { confirmed, listeners, heard } = ledger();
  const say = (stanza: string): void => socket.send(stanza);
  const until = (part: string): Promise<void> =>
    new Promise((resolve) => {
      const look = (data: Buffer): void => {
        if (!data.toString().includes(part)) return;
        socket.off('message', look);
        resolve();
      };
      socket.on('message', look);
    });
  const step = async (stanza: string, answer: string): Promise<void> => {
    const answered = until(answer);
    say(stanza);
    await answered;
  };
  await once(socket, 'open');
  const open = `<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="${DOMAIN}" version="1.0"/>`;
  await step(open, '<mechanism>PLAIN');
  const plain = Buffer.from(`\0${name}\0${await house.control.mint(name, 'prosody')}`).toString('base64');
  await step(`<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="PLAIN">${plain}</auth>`, '<success');
  await step(open, '<bind');
  const bind = '<bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/>';
  await step(`<iq xmlns="jabber:client" type="set" id="b">${bind}</iq>`, "id='b'");
  const muc = '<x xmlns="http://jabber.org/protocol/muc"><history maxstanzas="0"/></x>';
  await step(`<presence xmlns="jabber:client" to="${room}/${name}">${muc}</presence>`, `code='110'`);
  socket.on('message', (data: Buffer) => {
    const stanza = data.toString();
    const body = /<body>([^<]*)<\/body>/.exec(stanza)?.[1];
    if (body !== undefined) heard(stanza.includes(`from='${room}/${name}'`), body);
  });
  return {
    say: (content) =>
      confirmed(() => say(`<message xmlns="jabber:client" type="groupchat" to="${room}"><body>${content}</body></message>`)),
    onText: (listener) => void listeners.push(listener),
    leave: () => socket.close(),
  };
};

/** Who waits for which own message: servers send them back in order. */
function ledger() {
  const waiting: (() => void)[] = [];
  const listeners: ((content: string) => void)[] = [];
  return {
    listeners,
    confirmed: (send: () => void): Promise<void> =>
      new Promise((resolve) => {
        waiting.push(resolve);
        send();
      }),
    heard: (isOwn: boolean, content: string): void => {
      if (isOwn) waiting.shift()?.();
      else for (const listener of listeners) listener(content);
    },
  };
}
