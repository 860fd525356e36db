import type { Activity } from '../../platform.ts';
import { ownPerson, personOf } from '../activities.ts';
import type { XmppSession } from '../session.ts';
import { childrenOf, textOf, type Element } from '../xml/element.ts';
import { flatten } from '../xml/strings.ts';
import type { Contact } from '../contacts.ts';

/** https://www.rfc-editor.org/rfc/rfc6121#section-2.1.6: the contact list changed. */
export function receiveRoster(session: XmppSession, query: Element): void {
  for (const item of childrenOf(query, 'item')) {
    const contact = contactIn(item);
    if (contact === undefined) continue;
    const isRemoved = contact.subscription === 'remove';
    if (isRemoved) session.contacts.remove(contact.jid);
    else session.contacts.set(contact);
    session.push(contactUpdate(session, contact, isRemoved));
  }
}

function contactUpdate(session: XmppSession, { jid, name, subscription }: Contact, isRemoved: boolean): Activity {
  const object = {
    type: 'relationship',
    relationship: 'contact',
    subscription: isRemoved ? 'none' : subscription,
    ...(name ? { name } : {}),
  };
  return { type: isRemoved ? 'remove' : 'add', actor: ownPerson(session), target: personOf(session, jid), object };
}

export function contactIn({ attributes, ...item }: Element): Contact | undefined {
  const { jid, name, subscription = 'none', ask } = attributes;
  if (jid === undefined) return undefined;
  return {
    jid: flatten(jid),
    name: name === undefined ? undefined : flatten(name.slice(0, 200)),
    subscription: flatten(subscription),
    isAsked: ask === 'subscribe',
    groups: childrenOf({ attributes, ...item }, 'group')
      .slice(0, 20)
      .map((group) => flatten((textOf(group) ?? '').slice(0, 200))),
  };
}
