import { ownPerson, personOf } from '../activities.ts';
import { bareOf } from '../jid.ts';
import type { XmppSession } from '../session.ts';
import { stanzaError } from '../stream/stanza-error.ts';
import { childOf, type Element } from '../xml/element.ts';

/** https://www.rfc-editor.org/rfc/rfc6120#section-8.3: a message that was not delivered. */
export function receiveError(session: XmppSession, stanza: Element): void {
  const { id = '', from = session.account.jid } = stanza.attributes;
  const error = childOf(stanza, 'error');
  for (const conversation of [from, bareOf(from)]) {
    const action = session.copies.actionOf(id, conversation);
    if (action !== undefined) return session.copies.fail(id, stanzaError(error, action));
  }
  // It was acknowledged by our server and bounced later, at another one: the client must hear of it still.
  const known = session.rooms.has(from) ? undefined : session.personal(from).find(id);
  if (known === undefined) return;
  const { code, message } = stanzaError(error, 'the message was not delivered');
  session.push({
    type: 'send',
    actor: ownPerson(session),
    target: personOf(session, from),
    object: { type: 'message', id: known.archiveId ?? id, originId: id, error: message, errorCode: code },
  });
}
