import { randomUUID } from 'node:crypto';
import { KosmosError } from '../../../../foundation/errors.ts';
import { ownPerson } from '../activities.ts';
import { ns } from '../namespaces.ts';
import { original, wireIdOf } from '../originals.ts';
import { publish } from '../personal-events.ts';
import { markerElement, markerObject, noteMarker } from '../read-state.ts';
import { Room } from '../room.ts';
import { xml } from '../xml/element.ts';
import { conversationOf, messageTypeOf, optionalText, type Verb } from './verb.ts';

/** In a larger room each reader would tell all others of each message. */
const MOST_TOLD = 30;

/** https://xmpp.org/extensions/xep-0333.html tells the others, https://xmpp.org/extensions/xep-0490.html the account's own clients. */
export const read: Verb = async (session, activity) => {
  const conversation = conversationOf(session, activity.target);
  const id = optionalText(activity.object, 'id');
  if (id === undefined)
    throw new KosmosError('KOSMOS_ERR_VALIDATION', { reason: 'object.id is missing: XMPP marks messages by their ids' });
  const message = await original(session, conversation, id);
  const archiveId = message.archiveId ?? id;
  if (!(conversation instanceof Room && conversation.occupants.size > MOST_TOLD)) {
    const displayed = xml('displayed', { xmlns: ns.markers, id: wireIdOf(conversation, message) });
    session.connection.send(xml('message', { type: messageTypeOf(conversation), to: conversation.jid, id: randomUUID() }, displayed));
  }
  noteMarker(session, conversation.jid, archiveId);
  const by = conversation.isRoom ? conversation.jid : session.account.jid;
  await publish(session, ns.displayed, conversation.jid, markerElement(archiveId, by), 'the read state was not kept');
  return { ...activity, actor: ownPerson(session), object: { ...activity.object, ...markerObject(conversation, archiveId) } };
};
