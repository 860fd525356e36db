import type { Activity } from '../../platform.ts';
import { ns } from '../namespaces.ts';
import type { XmppSession } from '../session.ts';
import { childOf, childText } from '../xml/element.ts';
import { activity, idOf, type Message } from './message.ts';
import { contentOf } from './text.ts';

/** https://xmpp.org/extensions/xep-0308.html */
export function readCorrection(_: XmppSession, message: Message): readonly Activity[] | undefined {
  const { stanza, conversation } = message;
  const original = childOf(stanza, 'replace', ns.correct)?.attributes['id'];
  if (original === undefined || childText(stanza, 'body') === undefined) return undefined;
  const known = conversation.find(original);
  // Of somebody else's message this corrects nothing: it is one of its own then, as the specification has it.
  if (known !== undefined && known.sender !== '' && known.sender !== message.sender) return undefined;
  const { type, content } = contentOf(stanza);
  const id = known?.archiveId ?? original;
  const own = message.isOwn ? { originId: message.messageId } : {};
  return [activity('update', message, { type, id, content, correctionId: idOf(message), ...own, 'xmpp:replace': { id: original } })];
}
