// https://modern.ircdocs.horse/#join-message, https://ircv3.net/specs/extensions/extended-join
import type { Activity } from '../../platform.ts';
import { personOf, roomOf, timeOf } from '../activities.ts';
import type { Origin } from '../connection/connection.ts';
import { nickOf, type IrcMessage } from '../connection/message.ts';
import { isOwn } from '../messages.ts';
import { occupantOf } from '../rooms.ts';
import type { IrcSession } from '../session.ts';
import type { Incoming } from './incoming.ts';

function accountOf({ params, tags }: IrcMessage): string | undefined {
  const account = params[1] ?? tags['account'];
  return account === '*' ? undefined : account;
}

function joinActivity(session: IrcSession, message: IrcMessage, origin?: Origin): Activity {
  const [name = ''] = message.params;
  const healed = origin?.batch?.type === 'netjoin';
  return {
    type: 'join',
    actor: personOf(session, nickOf(message.source), accountOf(message)),
    target: roomOf(session, name),
    object: { type: 'presence', role: 'member', ...(healed ? { how: 'netjoin' } : {}) },
    published: timeOf(message),
  };
}

export const join: Incoming = {
  commands: ['JOIN'],
  describe: joinActivity,
  receive(session, message, origin) {
    const [name = ''] = message.params;
    const nick = nickOf(message.source);
    // The room's state follows once the names are complete: the end of NAMES pushes it.
    if (isOwn(session, message)) session.enterRoom(name, timeOf(message));
    const room = session.findRoom(name);
    room?.put(session.isupport.fold(nick), occupantOf(nick, '', accountOf(message)));
    if (!isOwn(session, message)) session.push(joinActivity(session, message, origin));
  },
};
