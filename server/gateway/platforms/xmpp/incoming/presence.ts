import type { Activity } from '../../platform.ts';
import { ownPerson, personOf } from '../activities.ts';
import { bareOf, resourceOf } from '../jid.ts';
import type { XmppSession } from '../session.ts';
import { childText, type Element } from '../xml/element.ts';
import { flatten } from '../xml/strings.ts';

/** Verbs for https://www.rfc-editor.org/rfc/rfc6121#section-3, as Sockethub names them. */
const subscriptions: Readonly<Record<string, string>> = {
  subscribe: 'request-friend',
  subscribed: 'make-friend',
  unsubscribe: 'remove-friend',
  unsubscribed: 'remove-friend',
};

/** https://www.rfc-editor.org/rfc/rfc6121#section-4: how a contact is, or that somebody wants to be one. */
export function receivePresence(session: XmppSession, stanza: Element): void {
  const { from = '', type } = stanza.attributes;
  const bare = bareOf(from);
  const isOwn = bare === session.account.jid;
  if (type !== undefined && Object.hasOwn(subscriptions, type)) {
    const content = childText(stanza, 'status');
    const object = content === undefined || content === '' ? {} : { object: { type: 'message', content } };
    session.push({ type: subscriptions[type] as string, actor: personOf(session, from), target: ownPerson(session), ...object });
    return;
  }
  if (isOwn || (type !== undefined && type !== 'unavailable')) return;
  const before = session.contacts.presenceOf(bare);
  const show = type === 'unavailable' ? undefined : childText(stanza, 'show') || 'online';
  const status = childText(stanza, 'status')?.slice(0, 1_000);
  const presence = show === undefined ? undefined : { show: flatten(show), status: status ? flatten(status) : undefined };
  session.contacts.setPresence(flatten(bare), flatten(resourceOf(from) ?? ''), presence);
  const now = session.contacts.presenceOf(bare);
  if (now?.show !== before?.show || now?.status !== before?.status) session.push(presenceUpdate(session, bare));
}

function presenceUpdate(session: XmppSession, jid: string): Activity {
  const presence = session.contacts.presenceOf(jid);
  const content = presence?.status === undefined ? {} : { content: presence.status };
  const object = { type: 'presence', presence: presence?.show ?? 'offline', ...content };
  return { type: 'update', actor: personOf(session, jid), target: ownPerson(session), object };
}
