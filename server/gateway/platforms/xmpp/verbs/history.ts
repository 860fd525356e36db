import { StanzaError } from '../stream/stanza-error.ts';
import type { Activity } from '../../platform.ts';
import type { Archived, ArchiveQuery } from '../archive.ts';
import type { Conversation } from '../conversation.ts';
import { activitiesOf, messageOf, type PastReactions } from '../incoming/message.ts';
import type { XmppSession } from '../session.ts';
import { conversationOf, optionalText, type Verb } from './verb.ts';

const DEFAULT_LIMIT = 50;
const LARGEST_LIMIT = 200;

/** https://xmpp.org/extensions/xep-0313.html */
export const queryHistory: Verb = async (session, activity) => {
  const conversation = conversationOf(session, activity.target);
  const asked = activity.object?.['limit'];
  const limit = typeof asked === 'number' ? Math.min(Math.max(Math.trunc(asked), 1), LARGEST_LIMIT) : DEFAULT_LIMIT;
  const before = archiveIdOf(conversation, optionalText(activity.object, 'before'));
  const after = archiveIdOf(conversation, optionalText(activity.object, 'after'));
  const whose = conversation.isRoom ? { room: conversation.jid } : { with: conversation.jid };
  const page = await ask(session, conversation, { ...whose, before, after, limit });
  const items = readAll(session, conversation, page.items).filter(({ published }) => published !== before && published !== after);
  return { ...activity, object: { type: 'collection', items: items.slice(0, limit), complete: page.complete } };
};

function ask(session: XmppSession, conversation: Conversation, query: ArchiveQuery): ReturnType<typeof session.archive.query> {
  return session.archive.query(query).catch((error: unknown) => {
    const isUnknown = error instanceof StanzaError && /^(?:feature-not-implemented|service-unavailable)$/.test(error.condition);
    throw isUnknown ? session.notSupported('history', conversation.jid) : error;
  });
}

/** Times are told as they are; ids may be the sender's for messages that are remembered. */
function archiveIdOf(conversation: Conversation, id: string | undefined): string | undefined {
  return id === undefined ? undefined : (conversation.find(id)?.archiveId ?? id);
}

function readAll(session: XmppSession, conversation: Conversation, archived: readonly Archived[]): readonly Activity[] {
  const past: PastReactions = new Map();
  const activities = archived.flatMap((one) => {
    const message = messageOf(session, one.stanza, one, past);
    return message?.conversation === conversation ? activitiesOf(session, message) : [];
  });
  learnReactions(conversation, past);
  return activities;
}

/** So that one's own next reaction does not take back the earlier ones. What is known already is newer. */
function learnReactions(conversation: Conversation, past: PastReactions): void {
  for (const [id, reactors] of past) {
    const message = conversation.recall(id);
    message.reactions = new Map([...reactors, ...(message.reactions ?? [])]);
  }
}
