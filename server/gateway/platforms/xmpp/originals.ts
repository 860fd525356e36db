import type { Conversation, Remembered } from './conversation.ts';
import { activitiesOf, messageOf } from './incoming/message.ts';
import type { XmppSession } from './session.ts';

/** The message of an id that the client gave: remembered, else from the archive, else only its id. */
export async function original(session: XmppSession, conversation: Conversation, id: string): Promise<Remembered> {
  const known = conversation.find(id);
  if (known !== undefined && known.sender !== '') return known;
  const room = conversation.isRoom ? { room: conversation.jid } : {};
  const page = await session.archive.page({ ...room, ids: [id], limit: 1 }).catch(() => undefined);
  const [archived] = page?.items ?? [];
  if (archived?.archiveId === id) {
    const message = messageOf(session, archived.stanza, archived, new Map());
    if (message?.conversation === conversation) activitiesOf(session, message);
  }
  return conversation.recall(id);
}

/** The id by which others know a message: the room's in rooms, the sender's elsewhere (XEP-0444, 0461 and 0424 agree on that). */
export function wireIdOf(conversation: Conversation, message: Remembered): string {
  return conversation.isRoom ? (message.archiveId ?? message.messageId) : message.messageId;
}
