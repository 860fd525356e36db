import { ns } from '../namespaces.ts';
import type { XmppSession } from '../session.ts';
import { childOf, type Element } from '../xml/element.ts';

/** https://xmpp.org/extensions/xep-0280.html: what another client of the account sent or got. Only the account itself may say so. */
export function readCarbon(session: XmppSession, stanza: Element): Element | undefined {
  if (stanza.attributes['from'] !== session.account.jid) return undefined;
  const carbon = childOf(stanza, 'sent', ns.carbons) ?? childOf(stanza, 'received', ns.carbons);
  return childOf(childOf(carbon, 'forwarded', ns.forward), 'message', ns.client);
}
