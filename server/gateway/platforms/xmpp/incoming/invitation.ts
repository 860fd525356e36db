import type { ActivityObject } from '../../platform.ts';
import { ownPerson, personOf, roomOf } from '../activities.ts';
import { preparedBare } from '../jid.ts';
import { ns } from '../namespaces.ts';
import type { XmppSession } from '../session.ts';
import { childOf, childText, type Element } from '../xml/element.ts';

/** https://xmpp.org/extensions/xep-0045.html#invite-mediated by the room, https://xmpp.org/extensions/xep-0249.html by a person. */
export function receiveInvitation(session: XmppSession, stanza: Element): boolean {
  if (stanza.attributes['type'] === 'groupchat') return false;
  const from = stanza.attributes['from'] ?? '';
  const invite = childOf(childOf(stanza, 'x', ns.mucUser), 'invite');
  const direct = childOf(stanza, 'x', ns.conference);
  const room = preparedBare((invite === undefined ? direct?.attributes['jid'] : from) ?? '');
  const inviter = invite === undefined ? from : (invite.attributes['from'] ?? from);
  if ((invite === undefined && direct === undefined) || room === undefined) return false;
  const key = direct?.attributes['password'] ?? childText(childOf(stanza, 'x', ns.mucUser), 'password');
  const reason = direct?.attributes['reason'] ?? childText(invite, 'reason');
  const target: ActivityObject = { ...roomOf(room), ...(key === undefined ? {} : { key }) };
  const object: ActivityObject = { ...ownPerson(session), ...(reason === undefined || reason === '' ? {} : { content: reason }) };
  session.push({ type: 'invite', actor: personOf(session, inviter), target, object });
  return true;
}
