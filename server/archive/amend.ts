import type { Database, Queries } from '../database/database.ts';
import { renewBigrams } from './bigrams.ts';
import { findNumber } from './channel-numbers.ts';
import { clean, flagsOf, isSpoken, LONGEST_TEXT, senderOf } from './message.ts';

/** Who changes something about which message. */
export interface Amendment {
  /** Id of the message: the server's, or the client's own where that is what the protocol names. */
  readonly target: string;
  readonly nick: string;
  readonly account?: string;
  /** ISO 8601. */
  readonly at: string;
}

export interface Edit extends Amendment {
  /** Id of the correction itself. */
  readonly id: string;
  readonly text: string;
}

export interface Deletion extends Amendment {
  readonly bySenderOnly?: boolean;
}

/** When the message was sent that was changed; undefined if there was nothing to change. */
type Amended = string | undefined;

const LONGEST_EMOJI = 64;
/** More different ones than a reader could take in; bounds what one message can grow to. */
const MOST_REACTIONS = 500;

/** Rewords a message of the same sender; the newest wording stands, all are kept. */
export async function editMessage(database: Database, channelId: string, edit: Edit): Promise<Amended> {
  return database.transaction().execute(async (queries) => {
    const message = await findTarget(queries, channelId, edit.target);
    if (!message || message.deleted_at || message.sender !== senderOf(edit)) return undefined;
    const text = clean(edit.text, LONGEST_TEXT);
    const { channel, server_id: target } = message;
    const row = { channel, target, kind: 'edit' as const, server_id: edit.id, sender: senderOf(edit), text, at: edit.at };
    await queries
      .insertInto('amendments')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    if (message.edited_at && message.edited_at > edit.at) return message.sent_at;
    await queries
      .updateTable('messages')
      .set({ text, original: message.original ?? message.text, edited_at: edit.at, ...flagsOf(text, message.attachment) })
      .where('position', '=', message.position)
      .execute();
    if (isSpoken(message.kind)) await renewBigrams(queries, { ...message, text });
    return message.sent_at;
  });
}

/**
 * Empties a message and forgets its earlier wordings; that there was one stays. Whether the deleter may do so was the server's
 * question, unless `bySenderOnly` says that it leaves that to us (XEP-0424).
 */
export async function deleteMessage(database: Database, channelId: string, deletion: Deletion): Promise<Amended> {
  return database.transaction().execute(async (queries) => {
    const message = await findTarget(queries, channelId, deletion.target);
    if (!message || message.deleted_at || (deletion.bySenderOnly && message.sender !== senderOf(deletion))) return undefined;
    const { channel, server_id: target, position } = message;
    await queries.updateTable('amendments').set({ text: '' }).where('channel', '=', channel).where('target', '=', target).execute();
    await queries.deleteFrom('reactions').where('channel', '=', channel).where('target', '=', target).execute();
    const row = { channel, target, kind: 'deletion' as const, server_id: '', sender: senderOf(deletion), text: '', at: deletion.at };
    await queries
      .insertInto('amendments')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    await queries
      .updateTable('messages')
      .set({ text: '', original: null, attachment: null, has_link: 0, has_file: 0, deleted_at: deletion.at })
      .where('position', '=', position)
      .execute();
    await renewBigrams(queries, { ...message, text: '' });
    return message.sent_at;
  });
}

/** Adds one reaction (IRC's draft/react), unless the message has as many as it may. */
export async function addReaction(database: Database, channelId: string, reaction: Amendment & { emoji: string }): Promise<Amended> {
  const message = await findTarget(database, channelId, reaction.target);
  if (!message || message.deleted_at || (await isFull(database, message))) return undefined;
  await insertReactions(database, message, reaction, [reaction.emoji]);
  return message.sent_at;
}

/** Takes one reaction back (IRC's draft/unreact). */
export async function removeReaction(database: Database, channelId: string, reaction: Amendment & { emoji: string }): Promise<Amended> {
  const message = await findTarget(database, channelId, reaction.target);
  if (!message) return undefined;
  await reactionsOf(database, message, senderOf(reaction)).where('emoji', '=', reaction.emoji).execute();
  return message.sent_at;
}

/** Makes `emojis` the sender's only reactions to a message (XEP-0444 always sends the whole set). */
export async function setReactions(
  database: Database,
  channelId: string,
  reaction: Amendment & { emojis: readonly string[] },
): Promise<Amended> {
  return database.transaction().execute(async (queries) => {
    const message = await findTarget(queries, channelId, reaction.target);
    if (!message || message.deleted_at) return undefined;
    await reactionsOf(queries, message, senderOf(reaction)).execute();
    if (reaction.emojis.length > 0 && !(await isFull(queries, message))) await insertReactions(queries, message, reaction, reaction.emojis);
    return message.sent_at;
  });
}

interface Target {
  channel: number;
  server_id: string;
}

function reactionsOf(queries: Queries, { channel, server_id }: Target, sender: string) {
  return queries.deleteFrom('reactions').where('channel', '=', channel).where('target', '=', server_id).where('sender', '=', sender);
}

async function insertReactions(queries: Queries, message: Target, by: Amendment, emojis: readonly string[]): Promise<void> {
  const { channel, server_id: target } = message;
  const fitting = [...new Set(emojis)].filter((emoji) => emoji !== '' && emoji.length <= LONGEST_EMOJI).slice(0, MOST_REACTIONS);
  if (fitting.length === 0) return;
  await queries
    .insertInto('reactions')
    .values(fitting.map((emoji) => ({ channel, target, sender: senderOf(by), emoji, nick: by.nick, at: by.at })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function isFull(queries: Queries, { channel, server_id }: Target): Promise<boolean> {
  const row = await queries
    .selectFrom('reactions')
    .select((select) => select.fn.countAll().as('count'))
    .where('channel', '=', channel)
    .where('target', '=', server_id)
    .executeTakeFirstOrThrow();
  return Number(row.count) >= MOST_REACTIONS;
}

async function findTarget(queries: Queries, channelId: string, target: string) {
  const number = await findNumber(queries, channelId);
  if (number === undefined) return undefined;
  const messages = queries.selectFrom('messages').selectAll().where('channel', '=', number);
  const byServer = await messages.where('server_id', '=', target).executeTakeFirst();
  return byServer ?? (await messages.where('origin_id', '=', target).orderBy('position', 'desc').limit(1).executeTakeFirst());
}
