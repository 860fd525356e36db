import { ns } from './namespaces.ts';
import type { ActivityObject } from '../platform.ts';
import type { Conversation } from './conversation.ts';
import { itemsOf } from './personal-events.ts';
import type { XmppSession } from './session.ts';
import { childOf, xml, type Element } from './xml/element.ts';
import { flatten, flattenId } from './xml/strings.ts';

const MOST_MARKERS = 500;

/** How far the account has read, on any of its clients (https://xmpp.org/extensions/xep-0490.html). */
export async function fetchMarkers(session: XmppSession): Promise<void> {
  for (const item of await itemsOf(session, ns.displayed, MOST_MARKERS)) {
    const marker = markerIn(item);
    if (marker !== undefined) noteMarker(session, marker.jid, marker.id);
  }
}

/** Where more conversations are marked than are kept, the one that was read longest ago is forgotten. */
export function noteMarker({ markers }: XmppSession, jid: string, id: string): void {
  markers.delete(jid);
  markers.set(flatten(jid), flattenId(id));
  const [oldest] = markers.size > MOST_MARKERS ? markers.keys() : [];
  if (oldest !== undefined) markers.delete(oldest);
}

/** A marker as clients are told it: with the time of the message, if that is known. */
export function markerObject(conversation: Conversation | undefined, id: string): ActivityObject {
  const at = conversation?.find(id)?.at;
  return { type: 'marker', id, ...(at === undefined ? {} : { published: new Date(at).toISOString() }) };
}

export function markerIn(item: Element): { jid: string; id: string } | undefined {
  const jid = item.attributes['id'];
  const id = childOf(childOf(item, 'displayed', ns.displayed), 'stanza-id', ns.stanzaId)?.attributes['id'];
  return jid === undefined || id === undefined ? undefined : { jid, id };
}

export function markerElement(id: string, by: string): Element {
  return xml('displayed', { xmlns: ns.displayed }, xml('stanza-id', { xmlns: ns.stanzaId, id, by }));
}
