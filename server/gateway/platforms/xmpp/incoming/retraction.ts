import type { Activity, ActivityObject } from '../../platform.ts';
import { occupantOf, roomOf } from '../activities.ts';
import { resourceOf } from '../jid.ts';
import { ns } from '../namespaces.ts';
import { Room } from '../room.ts';
import type { XmppSession } from '../session.ts';
import { childOf, childText, type Element } from '../xml/element.ts';
import { activity, idOf, referred, type Message } from './message.ts';

/** https://xmpp.org/extensions/xep-0424.html by the sender, https://xmpp.org/extensions/xep-0425.html by a moderator; 1 and 0. */
export function readRetraction(session: XmppSession, message: Message): readonly Activity[] | undefined {
  const { stanza, conversation } = message;
  if (isTombstone(stanza) || isTombstone(childOf(stanza, 'moderated', ns.oldModerate))) {
    return [activity('delete', message, { type: 'message', id: idOf(message) })];
  }
  const { id, moderated, reason } = retractionIn(stanza);
  if (id === undefined) return undefined;
  const object: ActivityObject = { type: 'message', id: referred(conversation, id), ...(reason === undefined ? {} : { content: reason }) };
  if (moderated !== undefined) {
    // Only the room itself moderates; an occupant who says so lies.
    if (!(conversation instanceof Room) || message.sender !== '') return [];
    return [{ ...activity('delete', message, { ...object, verified: true }), actor: moderatorOf(session, conversation, moderated) }];
  }
  const known = conversation.find(id);
  const isAnothers = known !== undefined && known.sender !== '' && known.sender !== message.sender;
  return isAnothers ? [] : [activity('delete', message, object)];
}

/** What an archive has in the place of a message that was deleted. */
function isTombstone(parent: Element | undefined): boolean {
  return [ns.retract, ns.oldRetract].some((namespace) => childOf(parent, 'retracted', namespace) !== undefined);
}

function retractionIn(stanza: Element): { id: string | undefined; moderated: Element | undefined; reason: string | undefined } {
  const retract = childOf(stanza, 'retract', ns.retract);
  if (retract !== undefined) {
    const moderated = childOf(retract, 'moderated', ns.moderate);
    return { id: retract.attributes['id'], moderated, reason: childText(retract, 'reason') };
  }
  const fastening = childOf(stanza, 'apply-to', ns.fasten);
  const moderated = childOf(fastening, 'moderated', ns.oldModerate);
  const isRetraction = childOf(moderated ?? fastening, 'retract', ns.oldRetract) !== undefined;
  return { id: isRetraction ? fastening?.attributes['id'] : undefined, moderated, reason: childText(moderated, 'reason') };
}

function moderatorOf(session: XmppSession, room: Room, moderated: Element): ActivityObject {
  const nick = resourceOf(moderated.attributes['by'] ?? '');
  return nick === undefined ? roomOf(room.jid) : occupantOf(session, room, nick);
}
