import type { Archived } from '../archive.ts';
import { ns } from '../namespaces.ts';
import { Room } from '../room.ts';
import type { XmppSession } from '../session.ts';
import { childOf, type Element } from '../xml/element.ts';
import { activitiesOf, messageOf, type Message } from './message.ts';

/** Tells the client of a new message, or settles the own request that it is the copy of. */
export function tell(session: XmppSession, stanza: Element, archived?: Archived): void {
  const message = messageOf(session, stanza, archived);
  if (message === undefined) return;
  const { conversation } = message;
  if (conversation instanceof Room && archived === undefined && isOldNews(conversation, stanza)) return noteOldNews(conversation, message);
  const activities = activitiesOf(session, message);
  const place = conversation instanceof Room ? conversation : session;
  if (message.archiveId !== undefined) place.lastArchiveId = message.archiveId;
  place.lastPublished = message.published;
  if (message.isOwn && session.copies.actionOf(message.messageId, conversation.jid) !== undefined) {
    return session.copies.settle(message.messageId, activities);
  }
  for (const activity of activities) session.push(activity);
}

/** What a room repeats to those who enter; after a reconnection the archive tells it better. */
export function isOldNews(room: Room, stanza: Element): boolean {
  return room.state === 'joining' && childOf(stanza, 'delay', ns.delay) !== undefined;
}

/** The newest of the old messages is where to go on after the next reconnection. */
function noteOldNews(room: Room, message: Message): void {
  if (room.hasBeenJoined) return;
  room.lastArchiveId = message.archiveId;
}
