import { createHash } from 'node:crypto';
import { KosmosError } from '../foundation/errors.ts';
import type { Database } from '../database/database.ts';
import { appendMessages } from './append.ts';
import { addReaction, deleteMessage, editMessage } from './amend.ts';
import { checkDocument, dayOf, type ChatEntry } from './chat-messages.ts';
import { noteDays } from './document-days.ts';
import type { NewMessage } from './message.ts';

/**
 * Takes a chat-messages document, of ours or of another logger, into a channel's archive. A second import of the same adds nothing.
 * The days it touches are noted for the channel's own documents.
 * Returns how many messages were new. Throws KOSMOS_ERR_DOCUMENT_INVALID before anything is written.
 */
export async function importDocument(database: Database, channelId: string, value: unknown): Promise<number> {
  const { messages } = checkDocument(value).today;
  const seen = new Map<string, number>();
  const entries = messages.map((entry) => ({ entry, message: messageOf(entry, seen) }));
  const appended = await appendMessages(
    database,
    channelId,
    entries.map(({ message }) => message),
  );
  const fresh = new Set(appended.map(({ id }) => id));
  for (const { entry, message } of entries) {
    if (fresh.has(message.id)) await restoreState(database, channelId, entry, message.id);
  }
  await noteDays(database, channelId, new Set(appended.map(({ sentAt }) => dayOf(sentAt))));
  return appended.length;
}

function messageOf(entry: ChatEntry, seen: Map<string, number>): NewMessage {
  if (Number.isNaN(Date.parse(entry.date))) {
    throw new KosmosError('KOSMOS_ERR_DOCUMENT_INVALID', { reason: `“${entry.date.slice(0, 40)}” is no date` });
  }
  return {
    id: entry.id ?? idFor(entry, seen),
    kind: entry.type,
    nick: entry.user,
    text: entry.text ?? '',
    sentAt: new Date(entry.date).toISOString(),
    ...(entry.account ? { account: entry.account } : {}),
    ...(entry.replyTo ? { replyTo: entry.replyTo } : {}),
    ...(entry.attachment ? { attachment: entry.attachment } : {}),
  };
}

/** The same entry gets the same id in every import; equal entries of one document are numbered. */
function idFor({ date, user, type, text }: ChatEntry, seen: Map<string, number>): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([date, user, type, text ?? '']))
    .digest('base64url')
    .slice(0, 22);
  const count = seen.get(digest) ?? 0;
  seen.set(digest, count + 1);
  return count === 0 ? `imported:${digest}` : `imported:${digest}.${count}`;
}

async function restoreState(database: Database, channelId: string, entry: ChatEntry, id: string): Promise<void> {
  const by = { target: id, nick: entry.user, ...(entry.account ? { account: entry.account } : {}) };
  if (entry.edited) await editMessage(database, channelId, { ...by, id: `edit of ${id}`, text: entry.text ?? '', at: entry.edited });
  for (const [emoji, nicks] of Object.entries(entry.reactions ?? {})) {
    for (const nick of nicks) await addReaction(database, channelId, { target: id, nick, at: entry.date, emoji });
  }
  if (entry.deleted) await deleteMessage(database, channelId, { ...by, at: entry.deleted });
}
