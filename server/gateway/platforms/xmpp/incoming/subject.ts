import { occupantOf, roomOf } from '../activities.ts';
import { delayOf } from '../archive.ts';
import { bareOf, resourceOf } from '../jid.ts';
import { limits } from '../limits.ts';
import type { XmppSession } from '../session.ts';
import { childText, type Element } from '../xml/element.ts';

/** https://xmpp.org/extensions/xep-0045.html#subject-mod; the last thing that somebody who enters is told. */
export function receiveSubject(session: XmppSession, stanza: Element): void {
  const from = stanza.attributes['from'] ?? '';
  const room = session.rooms.get(bareOf(from));
  if (room === undefined) return;
  room.topic = (childText(stanza, 'subject') ?? '').slice(0, limits.text);
  if (room.state === 'joining') {
    room.state = 'joined';
    session.waiting.settle(`subject ${room.jid}`, stanza);
    return;
  }
  const nick = resourceOf(from);
  if (nick === room.nick) session.copies.settle(room.topicChanges.shift() ?? '', []);
  session.push({
    type: 'update',
    actor: nick === undefined ? roomOf(room.jid) : occupantOf(session, room, nick),
    target: roomOf(room.jid),
    object: { type: 'topic', content: room.topic },
    published: delayOf(stanza) ?? new Date().toISOString(),
  });
}
