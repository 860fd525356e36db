import { KosmosError } from '../../../../foundation/errors.ts';
import { caps } from '../caps.ts';
import { xml } from '../xml/element.ts';
import { optionalText, textIn, type Verb } from './verb.ts';

const shows = new Set(['online', 'away', 'dnd', 'xa', 'chat']);

/** https://www.rfc-editor.org/rfc/rfc6121#section-4.7; rooms are told too (https://xmpp.org/extensions/xep-0045.html#changepres). */
export const setPresence: Verb = (session, activity) => {
  const presence = textIn(activity.object, 'presence');
  if (!shows.has(presence))
    throw new KosmosError('KOSMOS_ERR_VALIDATION', { reason: 'object.presence must be online, away, dnd, xa or chat' });
  const status = optionalText(activity.object, 'content');
  const content = [
    presence === 'online' ? undefined : xml('show', {}, presence),
    status === undefined ? undefined : xml('status', {}, status),
  ];
  session.ownPresence = content;
  session.connection.send(xml('presence', {}, content, caps));
  for (const room of session.rooms.values()) {
    if (room.state === 'joined') session.connection.send(xml('presence', { to: `${room.jid}/${room.nick}` }, content, caps));
  }
  return Promise.resolve(undefined);
};
