import { randomUUID } from 'node:crypto';
import type { Activity } from '../../platform.ts';
import type { Remembered } from '../conversation.ts';
import { ns } from '../namespaces.ts';
import { original, wireIdOf } from '../originals.ts';
import { sendAndSettle, storeHint } from '../outgoing.ts';
import { Room } from '../room.ts';
import type { XmppSession } from '../session.ts';
import { xml, type Element } from '../xml/element.ts';
import { acknowledgement } from './send.ts';
import { conversationOf, optionalText, textIn, type Verb } from './verb.ts';

const withdrawn = 'This person took back a message that your client cannot remove.';

/** https://xmpp.org/extensions/xep-0308.html */
export const correct: Verb = (session, activity) => correctAs(session, activity, textIn(activity.object, 'id'));

export async function correctAs(session: XmppSession, activity: Activity, id: string): Promise<Activity | undefined> {
  const conversation = conversationOf(session, activity.target);
  const { messageId } = await original(session, conversation, id);
  const written = textIn(activity.object, 'content');
  const body = xml('body', {}, activity.object?.type === 'me' ? `/me ${written}` : written);
  const replace = xml('replace', { xmlns: ns.correct, id: messageId });
  return acknowledgement(
    activity,
    await sendAndSettle(session, conversation, randomUUID(), [body, replace], 'the message was not corrected'),
  );
}

/** https://xmpp.org/extensions/xep-0424.html for an own message, https://xmpp.org/extensions/xep-0425.html for another's. */
export const remove: Verb = async (session, activity) => {
  const conversation = conversationOf(session, activity.target);
  const message = await original(session, conversation, textIn(activity.object, 'id'));
  const own = conversation instanceof Room ? conversation.nick : session.account.jid;
  if (conversation instanceof Room && message.sender !== '' && message.sender !== own) {
    return moderate(session, conversation, message, optionalText(activity.object, 'content'));
  }
  const retract = xml('retract', { xmlns: ns.retract, id: wireIdOf(conversation, message) });
  const fallback = xml('fallback', { xmlns: ns.fallback, for: ns.retract });
  const content = [retract, fallback, xml('body', {}, withdrawn), storeHint];
  return acknowledgement(activity, await sendAndSettle(session, conversation, randomUUID(), content, 'the message was not deleted'));
};

async function moderate(session: XmppSession, room: Room, message: Remembered, reason: string | undefined): Promise<undefined> {
  if (room.moderation === undefined) throw session.notSupported('deleting what others wrote', room.jid);
  const why = reason === undefined ? undefined : xml('reason', {}, reason);
  await session.connection.request(
    'set',
    room.jid,
    moderation(room.moderation, message.archiveId ?? message.messageId, why),
    'the message was not deleted',
  );
  return undefined;
}

function moderation(namespace: string, id: string, why: Element | undefined): Element {
  if (namespace === ns.moderate) return xml('moderate', { xmlns: ns.moderate, id }, xml('retract', { xmlns: ns.retract }), why);
  const moderate = xml('moderate', { xmlns: ns.oldModerate }, xml('retract', { xmlns: ns.oldRetract }), why);
  return xml('apply-to', { xmlns: ns.fasten, id }, moderate);
}
