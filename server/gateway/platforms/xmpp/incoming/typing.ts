import type { Activity } from '../../platform.ts';
import { ns } from '../namespaces.ts';
import type { XmppSession } from '../session.ts';
import { childOf, childText } from '../xml/element.ts';
import { activity, type Message } from './message.ts';

const states: Readonly<Record<string, string>> = { composing: 'active', paused: 'paused', active: 'done', inactive: 'done', gone: 'done' };

/** https://xmpp.org/extensions/xep-0085.html */
export function readTyping(_: XmppSession, message: Message): readonly Activity[] | undefined {
  const said = childOf(message.stanza, '', ns.chatStates)?.name ?? '';
  const state = Object.hasOwn(states, said) ? states[said] : undefined;
  if (state === undefined || childText(message.stanza, 'body') !== undefined) return undefined;
  return message.isOwn ? [] : [activity('announce', message, { type: 'typing', state })];
}
