import type { Activity } from '../../platform.ts';
import { ns } from '../namespaces.ts';
import type { XmppSession } from '../session.ts';
import { childOf } from '../xml/element.ts';
import { activity, referred, type Message } from './message.ts';

/** https://xmpp.org/extensions/xep-0333.html */
export function readMarker(_: XmppSession, message: Message): readonly Activity[] | undefined {
  const id = childOf(message.stanza, 'displayed', ns.markers)?.attributes['id'];
  return id === undefined ? undefined : [activity('read', message, { type: 'marker', id: referred(message.conversation, id) })];
}
