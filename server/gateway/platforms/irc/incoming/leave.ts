// https://modern.ircdocs.horse/#part-message, #kick-message, #quit-message; https://ircv3.net/specs/batches/netsplit
import type { Activity, ActivityObject } from '../../platform.ts';
import { personOf, roomOf, serviceOf, sourceOf, timeOf } from '../activities.ts';
import type { Origin } from '../connection/connection.ts';
import { nickOf, type IrcMessage } from '../connection/message.ts';
import type { IrcSession } from '../session.ts';
import type { Incoming } from './incoming.ts';

function departure(how: string, content: string | undefined, more: object = {}): ActivityObject {
  return { type: 'message', content: content ?? '', how, ...more };
}

function partActivity(session: IrcSession, message: IrcMessage): Activity {
  const [name = '', reason] = message.params;
  return {
    type: 'leave',
    actor: sourceOf(session, message),
    target: roomOf(session, name),
    object: departure('leave', reason),
    published: timeOf(message),
  };
}

function kickActivity(session: IrcSession, message: IrcMessage): Activity {
  const [name = '', nick = '', reason] = message.params;
  return {
    type: 'leave',
    actor: personOf(session, nick, session.findRoom(name)?.find(session.isupport.fold(nick))?.account),
    target: roomOf(session, name),
    object: departure('kick', reason, { by: sourceOf(session, message) }),
    published: timeOf(message),
  };
}

function quitActivity(session: IrcSession, message: IrcMessage, origin?: Origin): Activity {
  const folded = session.isupport.fold(nickOf(message.source));
  const rooms = session.allRooms().filter((room) => room.find(folded));
  const how = origin?.batch?.type === 'netsplit' ? 'netsplit' : 'quit';
  return {
    type: 'leave',
    actor: sourceOf(session, message),
    target: serviceOf(session),
    object: departure(how, message.params[0], { rooms: rooms.map(({ name }) => roomOf(session, name).id) }),
    published: timeOf(message),
  };
}

function remove(session: IrcSession, roomName: string, nick: string): void {
  const folded = session.isupport.fold(nick);
  if (folded === session.isupport.fold(session.nick)) session.leaveRoom(roomName);
  else session.findRoom(roomName)?.remove(folded);
}

export const part: Incoming = {
  commands: ['PART'],
  describe: partActivity,
  receive(session, message) {
    session.push(partActivity(session, message));
    remove(session, message.params[0] ?? '', nickOf(message.source));
  },
};

export const kick: Incoming = {
  commands: ['KICK'],
  describe: kickActivity,
  receive(session, message) {
    session.push(kickActivity(session, message));
    remove(session, message.params[0] ?? '', message.params[1] ?? '');
  },
};

export const quit: Incoming = {
  commands: ['QUIT'],
  describe: quitActivity,
  receive(session, message, origin) {
    session.push(quitActivity(session, message, origin));
    const folded = session.isupport.fold(nickOf(message.source));
    for (const room of session.allRooms()) room.remove(folded);
  },
};
