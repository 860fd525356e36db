import type { Activity, ActivityObject } from '../platform.ts';
import { bareOf, domainOf, localOf, resourceOf } from './jid.ts';
import { markerObject } from './read-state.ts';
import { roleOf, type Occupant, type Room } from './room.ts';
import type { XmppSession } from './session.ts';

export function ownPerson(session: XmppSession): ActivityObject {
  return { type: 'person', id: session.account.jid, name: localOf(session.account.jid) };
}

export function serviceOf(domain: string): ActivityObject {
  return { type: 'service', id: domain };
}

/** Somebody outside of rooms, by the name that the contact list has for them. */
export function personOf(session: XmppSession, jid: string): ActivityObject {
  const bare = bareOf(jid);
  if (session.rooms.has(bare) && bare !== jid) return { type: 'person', id: jid, name: resourceOf(jid) ?? '' };
  return { type: 'person', id: bare, name: session.contacts.nameOf(bare) ?? localOf(bare) };
}

export function roomOf(jid: string): ActivityObject {
  return { type: 'room', id: jid, name: localOf(jid) };
}

/** Somebody in a room. `jid` is their own address where a message tells it itself, as archived ones do. */
export function occupantOf(session: XmppSession, room: Room, nick: string, jid = room.occupants.get(nick)?.jid): ActivityObject {
  const person: ActivityObject = { type: 'person', id: `${room.jid}/${nick}`, name: nick };
  return jid === undefined ? person : { ...person, account: accountName(session, jid) };
}

/** The account behind an address: its name on the own server, else the whole address. */
export function accountName(session: XmppSession, jid: string): string {
  return domainOf(jid) === session.account.domain ? localOf(jid) : bareOf(jid);
}

export function attendee(session: XmppSession, room: Room, occupant: Occupant): ActivityObject {
  const { show, status } = occupant;
  const away = show === undefined || show === 'chat' ? undefined : (status ?? show);
  return {
    ...occupantOf(session, room, occupant.nick),
    role: roleOf(occupant),
    ...(show === undefined ? {} : { presence: show }),
    ...(away === undefined ? {} : { away }),
  };
}

/** The `join` that tells everything about a room that was joined. */
export function roomState(session: XmppSession, room: Room): Activity {
  const occupants = [...room.occupants.values()];
  const marker = session.markers.get(room.jid);
  return {
    type: 'join',
    actor: { ...occupantOf(session, room, room.nick), account: accountName(session, session.account.jid) },
    target: roomOf(room.jid),
    object: {
      type: 'room',
      topic: room.topic,
      members: occupants.map(({ nick }) => nick),
      attendance: occupants.map((occupant) => attendee(session, room, occupant)),
      features: room.features,
      ...(marker === undefined ? {} : { marker: markerObject(room, marker) }),
    },
  };
}
