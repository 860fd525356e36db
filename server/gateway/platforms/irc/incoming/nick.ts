// https://modern.ircdocs.horse/#nick-message
import type { Activity } from '../../platform.ts';
import { personOf, sourceOf, timeOf } from '../activities.ts';
import { nickOf, type IrcMessage } from '../connection/message.ts';
import { isOwn } from '../messages.ts';
import { occupantOf } from '../rooms.ts';
import type { IrcSession } from '../session.ts';
import type { Incoming } from './incoming.ts';

function nickActivity(session: IrcSession, message: IrcMessage): Activity {
  const actor = sourceOf(session, message);
  const target = personOf(session, message.params[0] ?? '', actor['account'] as string | undefined);
  return { type: 'update', actor, target, object: { type: 'address' }, published: timeOf(message) };
}

export const nick: Incoming = {
  commands: ['NICK'],
  describe: nickActivity,
  receive(session, message) {
    const fresh = message.params[0] ?? '';
    const folded = session.isupport.fold(nickOf(message.source));
    session.push(nickActivity(session, message));
    if (isOwn(session, message)) session.nick = fresh;
    for (const room of session.allRooms()) {
      const occupant = room.find(folded);
      if (!occupant) continue;
      room.remove(folded);
      room.put(session.isupport.fold(fresh), occupantOf(fresh, occupant.prefixes, occupant.account, occupant.away));
    }
  },
};
