import Type, { type Static } from 'typebox';
import { Value } from 'typebox/value';
import { KosmosError } from '../foundation/errors.ts';
import type { Channel } from '../teams/channels.ts';
import type { Message } from './message.ts';

const entry = Type.Object({
  date: Type.String({ maxLength: 40 }),
  user: Type.String({ maxLength: 512 }),
  text: Type.Optional(Type.String({ maxLength: 65_536 })),
  type: Type.Union([Type.Literal('text'), Type.Literal('action'), Type.Literal('join'), Type.Literal('leave')]),
  // Ours, beyond the format: what a reader that does not know them leaves out.
  id: Type.Optional(Type.String({ maxLength: 1_024 })),
  account: Type.Optional(Type.String({ maxLength: 64 })),
  edited: Type.Optional(Type.String({ maxLength: 40 })),
  deleted: Type.Optional(Type.String({ maxLength: 40 })),
  replyTo: Type.Optional(Type.String({ maxLength: 1_024 })),
  attachment: Type.Optional(Type.String({ maxLength: 4_096 })),
  reactions: Type.Optional(Type.Record(Type.String({ maxLength: 64 }), Type.Array(Type.String({ maxLength: 512 })))),
});

const day = Type.String({ pattern: '^\\d{4}/\\d\\d/\\d\\d$' });

const document = Type.Object({
  '@context': Type.Literal('https://kosmos.org/ns/v1'),
  '@id': Type.String({ maxLength: 1_024 }),
  '@type': Type.Literal('ChatChannel'),
  name: Type.String({ maxLength: 512 }),
  ircURI: Type.Optional(Type.String({ maxLength: 1_024 })),
  xmppURI: Type.Optional(Type.String({ maxLength: 1_024 })),
  today: Type.Object({
    '@id': day,
    '@type': Type.Literal('ChatLog'),
    messageType: Type.Literal('InstantMessage'),
    previous: Type.Optional(day),
    next: Type.Optional(day),
    messages: Type.Array(entry, { maxItems: 200_000 }),
  }),
});

/** One day of a channel in the open format of remotestorage-module-chat-messages. */
export type ChatDocument = Static<typeof document>;
export type ChatEntry = Static<typeof entry>;

/** Throws KOSMOS_ERR_DOCUMENT_INVALID. */
export function checkDocument(value: unknown): ChatDocument {
  if (Value.Check(document, value)) return value;
  const [first] = Value.Errors(document, value);
  throw new KosmosError('KOSMOS_ERR_DOCUMENT_INVALID', { reason: first ? `${first.instancePath || '/'} ${first.message}` : 'unreadable' });
}

/** Where a channel lives on its server, as documents and their addresses name it. */
export interface ChatPlace {
  readonly folder: string;
  readonly name: string;
  readonly uri: { readonly ircURI: string } | { readonly xmppURI: string };
}

/** `domain` is the appliance's home domain. */
export function placeOf(channel: Pick<Channel, 'home' | 'address'>, domain: string): ChatPlace {
  const { home, address } = channel;
  if (home === 'irc') {
    const folder = `chat-messages/${domain}/channels/${address}`;
    return { folder, name: `#${address}`, uri: { ircURI: `irc://${domain}/${encodeURIComponent(address)}` } };
  }
  const room = `${address}@rooms.${domain}`;
  return { folder: `chat-messages/rooms.${domain}/${address}`, name: address, uri: { xmppURI: `xmpp:${room}` } };
}

/** `2015/01/02` of an ISO time, in UTC. */
export function dayOf(time: string): string {
  return time.slice(0, 10).replaceAll('-', '/');
}

/** A day's messages, oldest first, as their document. */
export function documentOf(
  place: ChatPlace,
  date: string,
  messages: readonly Message[],
  neighbours: { readonly previous?: string | undefined; readonly next?: string | undefined },
): ChatDocument {
  return {
    '@context': 'https://kosmos.org/ns/v1',
    '@id': `${place.folder}/`,
    '@type': 'ChatChannel',
    name: place.name,
    ...place.uri,
    today: {
      '@id': date,
      '@type': 'ChatLog',
      messageType: 'InstantMessage',
      ...(neighbours.previous ? { previous: neighbours.previous } : {}),
      ...(neighbours.next ? { next: neighbours.next } : {}),
      messages: messages.flatMap(entryOf),
    },
  };
}

const entryTypes = { text: 'text', notice: 'text', action: 'action', join: 'join', leave: 'leave' } as const;

/** None for a topic: the format has no type for it. */
function entryOf(message: Message): ChatEntry[] {
  if (message.kind === 'topic') return [];
  const type = entryTypes[message.kind];
  const { reactions } = message;
  return [
    {
      ...{ date: message.sentAt, user: message.nick, text: message.text, type, id: message.id },
      ...(message.account ? { account: message.account } : {}),
      ...(message.editedAt ? { edited: message.editedAt } : {}),
      ...(message.deletedAt ? { deleted: message.deletedAt } : {}),
      ...(message.replyTo ? { replyTo: message.replyTo } : {}),
      ...(message.attachment ? { attachment: message.attachment } : {}),
      ...(reactions.length > 0 ? { reactions: Object.fromEntries(reactions.map(({ emoji, nicks }) => [emoji, [...nicks]])) } : {}),
    },
  ];
}
