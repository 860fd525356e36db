import type { Line } from '../../../foundation/irc-line.ts';
import type { MessageKind, NewMessage } from '../../../archive/message.ts';
import { idOf, type Happening } from '../happening.ts';
import { isBatch, type Batch, type Item } from './items.ts';

/** What happened in one channel. */
export interface InChannel {
  /** As the server writes it, with `#`. */
  readonly channel: string;
  readonly happening: Happening;
}

/**
 * What an item tells of channels. `channel` is where history was asked for, or where a live QUIT belongs: such a line does not name one.
 * Direct messages tell nothing: their target is no channel.
 */
export function readItem(item: Item, channel?: string): InChannel[] {
  if (isBatch(item)) {
    if (item.type === 'draft/multiline' || item.type === 'multiline') return readMultiline(item);
    if (item.type === 'chathistory') return item.items.flatMap((inner) => readItem(inner, item.parameters[0]));
    return item.items.flatMap((inner) => readItem(inner, channel));
  }
  const reader = readers[item.command];
  return reader ? reader(item, channel) : [];
}

/** Both ways: `#name` on Ergo, with the name lower case. */
export function isChannel(target: string | undefined): target is string {
  return target !== undefined && target.startsWith('#');
}

/** Marks what is no plain text (https://modern.ircdocs.horse/ctcp). */
const CTCP = '\u0001';

const readers: Record<string, ((line: Line, channel: string | undefined) => InChannel[]) | undefined> = {
  PRIVMSG: (line) => readSpeech(line, line.parameters[0], line.parameters[1] ?? '', 'text'),
  NOTICE: (line) => readSpeech(line, line.parameters[0], line.parameters[1] ?? '', 'notice'),
  JOIN: (line) => event(line, line.parameters[0], 'join', nickOf(line.source), ''),
  PART: (line) => event(line, line.parameters[0], 'leave', nickOf(line.source), line.parameters[1] ?? ''),
  KICK: (line) => event(line, line.parameters[0], 'leave', line.parameters[1] ?? '', line.parameters[2] ?? ''),
  QUIT: (line, channel) => event(line, channel, 'leave', nickOf(line.source), line.parameters[0] ?? ''),
  TOPIC: (line) => event(line, line.parameters[0], 'topic', nickOf(line.source), line.parameters[1] ?? ''),
  TAGMSG: readReaction,
  REDACT: (line) => {
    const [channel, target = ''] = line.parameters;
    return isChannel(channel) ? [{ channel, happening: { type: 'deletion', deletion: { target, ...whoAndWhen(line) } } }] : [];
  },
};

/** https://ircv3.net/specs/client-tags/react */
function readReaction(line: Line): InChannel[] {
  const [channel] = line.parameters;
  const target = line.tags['+draft/reply'] ?? line.tags['+reply'];
  const added = line.tags['+draft/react'] ?? line.tags['+react'];
  const emoji = added ?? line.tags['+draft/unreact'] ?? line.tags['+unreact'];
  if (!isChannel(channel) || !target || !emoji) return [];
  return [{ channel, happening: { type: 'reaction', reaction: { target, emoji, added: added !== undefined, ...whoAndWhen(line) } } }];
}

/** https://ircv3.net/specs/extensions/multiline: tags and id are those of the batch. */
function readMultiline(batch: Batch): InChannel[] {
  const lines = batch.items.filter((item): item is Line => !isBatch(item));
  const [first] = lines;
  if (!first) return [];
  const text = lines.reduce((sum, { tags, parameters: [, part = ''] }, index) => {
    const joint = index === 0 || 'draft/multiline-concat' in tags ? '' : '\n';
    return `${sum}${joint}${part}`;
  }, '');
  const whole = { ...first, tags: { ...first.tags, ...batch.tags }, source: first.source || batch.source };
  return readSpeech(whole, batch.parameters[0], text, first.command === 'NOTICE' ? 'notice' : 'text');
}

function readSpeech(line: Line, channel: string | undefined, text: string, kind: MessageKind): InChannel[] {
  const id = line.tags.msgid;
  if (!isChannel(channel) || !line.source.includes('!') || id === undefined) return [];
  const ctcp = text.startsWith(CTCP) ? /^(\w+)(?: ([^]*))?$/.exec(text.replaceAll(CTCP, '')) : null;
  if (ctcp && ctcp[1] !== 'ACTION') return [];
  const replyTo = line.tags['+draft/reply'] ?? line.tags['+reply'];
  const message: NewMessage = {
    ...{ id, kind: ctcp ? 'action' : kind, text: ctcp ? (ctcp[2] ?? '') : text, ...sender(line), sentAt: timeOf(line) },
    ...(replyTo ? { replyTo } : {}),
  };
  return [{ channel, happening: { type: 'message', message } }];
}

/** History tells joins and leaves as lines with the ids they had (https://ircv3.net/specs/extensions/chathistory, event-playback). */
function event(line: Line, channel: string | undefined, kind: MessageKind, nick: string, text: string): InChannel[] {
  if (!isChannel(channel) || nick === '') return [];
  const sentAt = timeOf(line);
  const { account } = nick === nickOf(line.source) ? sender(line) : { account: undefined };
  const id = line.tags.msgid ? `${line.tags.msgid} ${kind}` : idOf(kind, nick, sentAt);
  return [{ channel, happening: { type: 'message', message: { id, kind, nick, text, sentAt, ...(account ? { account } : {}) } } }];
}

function sender(line: Line): { nick: string; account?: string } {
  const { account } = line.tags;
  const relayed = line.tags['draft/relaymsg'] !== undefined || line.tags.relaymsg !== undefined;
  return { nick: nickOf(line.source), ...(account && account !== '*' && !relayed ? { account: account.toLowerCase() } : {}) };
}

function whoAndWhen(line: Line): { nick: string; account?: string; at: string } {
  return { ...sender(line), at: timeOf(line) };
}

export function nickOf(source: string): string {
  return source.split('!', 1)[0] ?? '';
}

function timeOf({ tags }: Line): string {
  const time = Date.parse(tags.time ?? '');
  return new Date(Number.isNaN(time) ? Date.now() : time).toISOString();
}
