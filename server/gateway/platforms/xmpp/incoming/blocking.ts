import { ownPerson, personOf } from '../activities.ts';
import type { XmppSession } from '../session.ts';
import { childrenOf, type Element } from '../xml/element.ts';

/** https://xmpp.org/extensions/xep-0191.html: another client of the account blocked somebody or thought better of it. */
export function receiveBlocking(session: XmppSession, payload: Element): void {
  if (payload.name !== 'block' && payload.name !== 'unblock') return;
  for (const { attributes } of childrenOf(payload, 'item')) {
    const { jid } = attributes;
    if (jid !== undefined) session.push({ type: payload.name, actor: ownPerson(session), target: personOf(session, jid) });
  }
}
