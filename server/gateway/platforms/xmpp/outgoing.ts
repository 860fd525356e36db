import { isKosmosError } from '../../../foundation/errors.ts';
import type { Activity } from '../platform.ts';
import type { Archived } from './archive.ts';
import type { Conversation } from './conversation.ts';
import { activitiesOf, messageOf } from './incoming/message.ts';
import { bareOf } from './jid.ts';
import { ns } from './namespaces.ts';
import type { XmppSession } from './session.ts';
import { xml, type Element } from './xml/element.ts';
import { messageTypeOf } from './verbs/verb.ts';

/** Newest messages of a person's archive that are looked through for the one that was just sent. */
const LOOKED_THROUGH = 10;

/** Keeps a message without a body in archives (https://xmpp.org/extensions/xep-0334.html). */
export const storeHint: Element = xml('store', { xmlns: ns.hints });
/** Keeps a passing message out of them. */
export const noStoreHint: Element = xml('no-store', { xmlns: ns.hints });

/**
 * Sends a message and waits for it to come back as everybody sees it: from the room, or from the account's archive, which names it.
 * The stanza goes out before this returns its promise, so that messages keep their order.
 */
export function sendAndSettle(
  session: XmppSession,
  conversation: Conversation,
  id: string,
  content: Element[],
  action: string,
): Promise<readonly Activity[]> {
  const origin = xml('origin-id', { xmlns: ns.stanzaId, id });
  // https://xmpp.org/extensions/xep-0045.html#privatemessage
  const isPrivate = !conversation.isRoom && conversation.jid !== bareOf(conversation.jid);
  const mark = isPrivate ? xml('x', { xmlns: ns.mucUser }) : undefined;
  const stanza = xml('message', { type: messageTypeOf(conversation), to: conversation.jid, id }, content, mark, origin);
  const copy = session.copies.expect(id, conversation.jid, action);
  try {
    if (conversation.isRoom) session.connection.send(stanza);
    else void settlePersonal(session, conversation, id, stanza);
  } catch (error) {
    session.copies.fail(id, error as Error);
  }
  return copy;
}

/** Nobody sends a direct message back, but the archive has it as soon as the server has dealt with it. */
async function settlePersonal(session: XmppSession, conversation: Conversation, id: string, stanza: Element): Promise<void> {
  try {
    const acknowledged = new Promise<void>((resolve) => session.connection.send(stanza, resolve));
    const archived = await findArchived(session, conversation, id).catch((error: unknown) => {
      if (!isKosmosError(error, 'KOSMOS_ERR_CONNECTION_LOST')) return undefined;
      return acknowledged.then(() => findArchived(session, conversation, id)).catch(() => undefined);
    });
    if (archived === undefined) await acknowledged;
    else session.lastArchiveId = archived.archiveId;
    const sent = archived?.stanza ?? { ...stanza, attributes: { ...stanza.attributes, from: session.account.jid } };
    const message = messageOf(session, sent, archived);
    if (session.copies.has(id)) session.copies.settle(id, message === undefined ? [] : activitiesOf(session, message));
  } catch (error) {
    session.copies.fail(id, error as Error);
  }
}

async function findArchived(session: XmppSession, conversation: Conversation, id: string): Promise<Archived | undefined> {
  if (!session.features.includes('history')) return undefined;
  const page = await session.archive.page({ with: conversation.jid, limit: LOOKED_THROUGH });
  return page.items.findLast(
    ({ stanza }) => stanza.attributes['id'] === id && bareOf(stanza.attributes['from'] ?? '') === session.account.jid,
  );
}
