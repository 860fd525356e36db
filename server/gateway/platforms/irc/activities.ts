import type { Activity, ActivityObject } from '../platform.ts';
import { nickOf, type IrcMessage } from './connection/message.ts';
import type { IrcSession } from './session.ts';
import { roleOf, type Occupant, type Room } from './rooms.ts';

/** ActivityStreams for what stands in IRC. The server in an id is the one that the credentials name. */
export function personOf(session: IrcSession, nick: string, account?: string): ActivityObject {
  const person = { type: 'person', id: `${nick}@${session.server}`, name: nick };
  return account === undefined || account === '' ? person : { ...person, account };
}

export function roomOf(session: IrcSession, name: string): ActivityObject {
  return { type: 'room', id: `${name}@${session.server}`, name };
}

export function serviceOf(session: IrcSession): ActivityObject {
  return { type: 'service', id: session.server, name: session.server };
}

export function selfOf(session: IrcSession): ActivityObject {
  const account = session.context.isTeamServer ? session.context.account : undefined;
  return personOf(session, session.nick, account);
}

/** Who a message is from; the server itself has no `!` in its source. */
export function sourceOf(session: IrcSession, message: IrcMessage): ActivityObject {
  const nick = nickOf(message.source);
  if (nick === message.source && nick.includes('.')) return serviceOf(session);
  return personOf(session, nick, message.tags['account']);
}

/** The room or person that a message goes to. */
export function targetOf(session: IrcSession, name: string): ActivityObject {
  const target = session.isupport.stripStatus(name);
  return session.isupport.isChannel(target) ? roomOf(session, target) : personOf(session, target);
}

const wellFormed = /^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-6]\d\.\d{3}Z$/;

/** The time that the server gave (https://ircv3.net/specs/extensions/server-time), else now. */
export function timeOf(message: IrcMessage): string {
  const { time } = message.tags;
  if (time !== undefined && wellFormed.test(time)) return time;
  return time !== undefined && !Number.isNaN(Date.parse(time)) ? new Date(time).toISOString() : new Date().toISOString();
}

export function occupantObject(session: IrcSession, { nick, prefixes, account, away }: Occupant): ActivityObject {
  const person = { ...personOf(session, nick, account), role: roleOf(prefixes) };
  return away === undefined ? person : { ...person, away };
}

/** The acknowledgement of `join`. */
export function roomState(session: IrcSession, room: Room): Activity {
  const attendance = [...room.occupants].map((occupant) => occupantObject(session, occupant));
  return {
    type: 'join',
    actor: selfOf(session),
    target: roomOf(session, room.name),
    object: {
      type: 'room',
      topic: room.topic,
      ...(room.topicBy === undefined ? {} : { topicBy: personOf(session, room.topicBy), topicAt: room.topicAt }),
      members: attendance.map(({ name }) => name),
      attendance,
      features: session.features,
      ...(room.marker === undefined ? {} : { marker: { published: room.marker } }),
    },
  };
}
