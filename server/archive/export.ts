import type { Queries } from '../database/database.ts';
import type { Channel } from '../teams/channels.ts';
import { findNumber } from './channel-numbers.ts';
import { dayOf, documentOf, placeOf, type ChatDocument } from './chat-messages.ts';
import { messageColumns, positionAt, presentMessage, type Message } from './message.ts';
import { findReactions, keyOf } from './page.ts';

const PAGE = 500;
const DAY = 24 * 3_600_000;

/** All messages of a channel, joins and leaves too, oldest first; `from` is included, `until` is not (milliseconds). */
export async function* readChannel(
  queries: Queries,
  channel: Pick<Channel, 'id'>,
  from = 0,
  until = Number.MAX_SAFE_INTEGER / 1024,
): AsyncGenerator<Message> {
  const number = await findNumber(queries, channel.id);
  if (number === undefined) return;
  for (let position = positionAt(from); ;) {
    const rows = await queries
      .selectFrom('messages')
      .select(messageColumns)
      .where('channel', '=', number)
      .where('position', '>=', position)
      .where('position', '<', Math.trunc(positionAt(until)))
      .orderBy('position')
      .limit(PAGE)
      .execute();
    const reactions = await findReactions(queries, rows);
    for (const row of rows) yield presentMessage(row, channel.id, reactions.get(keyOf(row)) ?? []);
    if (rows.length < PAGE) return;
    position = (rows.at(-1)?.position ?? 0) + 1;
  }
}

/** One JSON object a line, with the channel's name; of one channel, or of all that a team has. */
export async function* exportJsonLines(queries: Queries, channels: readonly Channel[]): AsyncGenerator<string> {
  for (const channel of channels) {
    for await (const message of readChannel(queries, channel)) {
      yield `${JSON.stringify({ ...message, channelName: channel.name, home: channel.home, address: channel.address })}\n`;
    }
  }
}

/** For reading: `[2026-01-02 03:04:05] <nick> text`, times in UTC. */
export async function* exportText(queries: Queries, channels: readonly Channel[]): AsyncGenerator<string> {
  for (const channel of channels) {
    yield `# ${channel.name}\n`;
    for await (const message of readChannel(queries, channel)) yield `${lineOf(message)}\n`;
  }
}

function lineOf(message: Message): string {
  const time = message.sentAt.slice(0, 19).replace('T', ' ');
  const text = (message.deletedAt ? '(deleted)' : message.text).replaceAll('\n', '\n    ');
  const edited = message.editedAt && !message.deletedAt ? ' (edited)' : '';
  const file = message.attachment ? ` ${message.attachment}` : '';
  const bodies = {
    text: `<${message.nick}> ${text}`,
    notice: `-${message.nick}- ${text}`,
    action: `* ${message.nick} ${text}`,
    join: `${message.nick} joined`,
    leave: `${message.nick} left`,
    topic: `${message.nick} set the topic: ${text}`,
  };
  return `[${time}] ${bodies[message.kind]}${edited}${file}`;
}

export interface ExportedDocument {
  /** Below the folder of the remoteStorage module: `chat-messages/<server>/…/2026/01/02`. */
  readonly path: string;
  readonly document: ChatDocument;
}

/** The chat-messages documents of all days on which something happened, oldest first, one channel after another. */
export async function* exportDocuments(queries: Queries, channels: readonly Channel[], domain: string): AsyncGenerator<ExportedDocument> {
  for (const channel of channels) {
    for (let day = await findDay(queries, channel, 0, 'next'); day;) {
      const exported = await buildDocument(queries, channel, domain, day);
      yield exported;
      day = exported.document.today.next;
    }
  }
}

/** One day of a channel; `day` as in the document, `2026/01/02`. */
export async function buildDocument(queries: Queries, channel: Channel, domain: string, day: string): Promise<ExportedDocument> {
  const start = Date.parse(`${day.replaceAll('/', '-')}T00:00:00.000Z`);
  const messages: Message[] = [];
  for await (const message of readChannel(queries, channel, start, start + DAY)) messages.push(message);
  const previous = await findDay(queries, channel, start, 'previous');
  const next = await findDay(queries, channel, start + DAY, 'next');
  const place = placeOf(channel, domain);
  return { path: `${place.folder}/${day}`, document: documentOf(place, day, messages, { previous, next }) };
}

/** The nearest day with messages before `time` (excluded) or after it (included). */
async function findDay(queries: Queries, channel: Channel, time: number, which: 'previous' | 'next'): Promise<string | undefined> {
  const number = await findNumber(queries, channel.id);
  if (number === undefined) return undefined;
  const row = await queries
    .selectFrom('messages')
    .select('sent_at')
    .where('channel', '=', number)
    .where('position', which === 'next' ? '>=' : '<', positionAt(time))
    .orderBy('position', which === 'next' ? 'asc' : 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && dayOf(row.sent_at);
}
