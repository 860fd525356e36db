import { bareOf } from '../jid.ts';
import { ns } from '../namespaces.ts';
import type { XmppSession } from '../session.ts';
import { childOf, childText, type Element } from '../xml/element.ts';
import { readCarbon } from './carbon.ts';
import { isOldNews, tell } from './deliver.ts';
import { receiveError } from './error.ts';
import { receiveEvent } from './event.ts';
import { receiveInvitation } from './invitation.ts';
import { answerQuestion } from './question.ts';
import { receiveOccupant } from './occupant.ts';
import { receivePresence } from './presence.ts';
import { receiveSubject } from './subject.ts';

/** Everything but answers to our own questions comes through here, in the order of the stream. */
export function receive(session: XmppSession, stanza: Element): void {
  if (stanza.name === 'message') receiveMessage(session, stanza);
  else if (stanza.name === 'iq') answerQuestion(session, stanza);
  else if (stanza.name !== 'presence') return;
  else if (session.rooms.has(bareOf(stanza.attributes['from'] ?? ''))) receiveOccupant(session, stanza);
  else receivePresence(session, stanza);
}

function receiveMessage(session: XmppSession, stanza: Element): void {
  const result = childOf(stanza, 'result', ns.mam);
  if (result !== undefined) return session.archive.collect(stanza, result, session.account.jid);
  if (stanza.attributes['type'] === 'error') return receiveError(session, stanza);
  if (childOf(stanza, 'event', ns.pubsubEvent) !== undefined) return receiveEvent(session, stanza);
  const carbon = readCarbon(session, stanza);
  if (carbon !== undefined) return deliver(session, carbon);
  if (receiveInvitation(session, stanza)) return;
  const isSubject = stanza.attributes['type'] === 'groupchat' && childOf(stanza, 'subject') !== undefined;
  if (isSubject && childText(stanza, 'body') === undefined) return receiveSubject(session, stanza);
  deliver(session, stanza);
}

/** At once, or after what was missed. */
function deliver(session: XmppSession, stanza: Element): void {
  const isRoom = stanza.attributes['type'] === 'groupchat';
  const room = isRoom ? session.rooms.get(bareOf(stanza.attributes['from'] ?? '')) : undefined;
  if (isRoom && room === undefined) return;
  const held = room === undefined ? session.held : room.held;
  if (held === undefined || (room !== undefined && isOldNews(room, stanza))) tell(session, stanza);
  else held.push(stanza);
}
