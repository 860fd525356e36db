import type { Activity } from '../../platform.ts';
import { ns } from '../namespaces.ts';
import type { XmppSession } from '../session.ts';
import { markerObject } from '../read-state.ts';
import { childOf } from '../xml/element.ts';
import { activity, referred, type Message } from './message.ts';

/** https://xmpp.org/extensions/xep-0333.html */
export function readMarker(_: XmppSession, message: Message): readonly Activity[] | undefined {
  const id = childOf(message.stanza, 'displayed', ns.markers)?.attributes['id'];
  return id === undefined ? undefined : [activity('read', message, markerObject(message.conversation, referred(message.conversation, id)))];
}
