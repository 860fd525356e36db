import { ownPerson, roomOf, personOf } from '../activities.ts';
import { bookmarkIn } from '../bookmarks.ts';
import { ns } from '../namespaces.ts';
import { original } from '../originals.ts';
import { markerIn, markerObject, noteMarker } from '../read-state.ts';
import type { XmppSession } from '../session.ts';
import { childOf, childrenOf, type Element } from '../xml/element.ts';

/** https://xmpp.org/extensions/xep-0163.html: another client of the account changed its bookmarks or read something. */
export function receiveEvent(session: XmppSession, stanza: Element): void {
  if ((stanza.attributes['from'] ?? session.account.jid) !== session.account.jid) return;
  const items = childOf(childOf(stanza, 'event', ns.pubsubEvent), 'items');
  const node = items?.attributes['node'];
  for (const item of childrenOf(items, 'item')) {
    if (node === ns.displayed) receiveMarker(session, item);
    if (node === ns.bookmarks) receiveBookmark(session, item);
  }
  for (const { attributes } of childrenOf(items, 'retract')) {
    const jid = attributes['id'];
    if (node !== ns.bookmarks || jid === undefined) continue;
    session.push({ type: 'remove', actor: ownPerson(session), target: roomOf(jid), object: { type: 'bookmark' } });
  }
}

function receiveMarker(session: XmppSession, item: Element): void {
  const marker = markerIn(item);
  if (marker === undefined || session.markers.get(marker.jid) === marker.id) return;
  noteMarker(session, marker.jid, marker.id);
  void tellMarker(session, marker);
}

/** With the time of the message, for which the archive may have to be asked. */
async function tellMarker(session: XmppSession, { jid, id }: { jid: string; id: string }): Promise<void> {
  const room = session.rooms.get(jid);
  const conversation = room ?? session.personal(jid);
  await original(session, conversation, id).catch(() => undefined);
  const target = room === undefined ? personOf(session, jid) : roomOf(jid);
  session.push({ type: 'read', actor: ownPerson(session), target, object: markerObject(conversation, id) });
}

function receiveBookmark(session: XmppSession, item: Element): void {
  const bookmark = bookmarkIn(item);
  if (bookmark === undefined) return;
  const { jid, ...object } = bookmark;
  session.push({ type: 'add', actor: ownPerson(session), target: roomOf(jid), object: { type: 'bookmark', ...object } });
}
