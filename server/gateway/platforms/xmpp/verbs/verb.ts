import { randomUUID } from 'node:crypto';
import { KosmosError } from '../../../../foundation/errors.ts';
import type { Activity, ActivityObject } from '../../platform.ts';
import type { Conversation } from '../conversation.ts';
import { bareOf, preparedBare, resourceOf } from '../jid.ts';
import { Room } from '../room.ts';
import type { XmppSession } from '../session.ts';

/** Does one request. Resolves with what to acknowledge it with, undefined for the request itself. */
export type Verb = (session: XmppSession, activity: Activity) => Promise<Activity | undefined>;

const LONGEST_ID = 128;

/** The address of a person or room. Throws KOSMOS_ERR_VALIDATION. */
export function addressOf(target: ActivityObject | undefined, what: string): string {
  const typed = target?.id ?? target?.name ?? '';
  const bare = preparedBare(typed);
  if (bare === undefined) throw new KosmosError('KOSMOS_ERR_VALIDATION', { reason: `${what}.id “${typed}” is no XMPP address` });
  return bare;
}

/** The joined room or the person that the target names. Throws KOSMOS_ERR_NOT_IN_ROOM, KOSMOS_ERR_VALIDATION. */
export function conversationOf(session: XmppSession, target: ActivityObject | undefined): Conversation {
  const bare = addressOf(target, 'target');
  const resource = resourceOf(target?.id ?? '');
  const isRoom = target?.type === 'room' || (session.rooms.has(bare) && resource === undefined);
  if (isRoom) return session.joinedRoom({ type: 'room', id: bare });
  return session.personal(resource === undefined ? bare : `${bare}/${resource}`);
}

export function messageTypeOf(conversation: Conversation): 'groupchat' | 'chat' {
  return conversation.isRoom ? 'groupchat' : 'chat';
}

/** A field of the object that must be a text. Throws KOSMOS_ERR_VALIDATION. */
export function textIn(object: ActivityObject | undefined, field: string): string {
  const value = object?.[field];
  if (typeof value !== 'string') throw new KosmosError('KOSMOS_ERR_VALIDATION', { reason: `object.${field} is missing` });
  return value;
}

export function optionalText(object: ActivityObject | undefined, field: string): string | undefined {
  const value = object?.[field];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The client's own id for a message, if it can serve as one, else a new one. */
export function messageIdFor(session: XmppSession, object: ActivityObject | undefined): string {
  const id = object?.id;
  return id === undefined || id === '' || id.length > LONGEST_ID || session.copies.has(id) ? randomUUID() : id;
}

/** The address of somebody in a room, of whom the request tells the address or the nick. */
export function addressInRoom(session: XmppSession, room: Room, person: ActivityObject | undefined): string {
  const { id, name } = person ?? { type: 'person' };
  const bare = id === undefined ? undefined : preparedBare(id);
  if (bare !== undefined && bare !== room.jid && bare.includes('@')) return bare;
  const nick = nickInRoom(room, person);
  const occupant = room.occupants.get(nick);
  if (occupant?.jid !== undefined) return occupant.jid;
  const guessed = occupant === undefined ? preparedBare(`${name ?? nick}@${session.account.domain}`) : undefined;
  if (guessed !== undefined) return guessed;
  throw new KosmosError('KOSMOS_ERR_SERVER_REFUSED', {
    reason: `${room.name} does not tell the address of ${nick}, which is needed for that.`,
  });
}

export function nickInRoom(room: Room, person: ActivityObject | undefined): string {
  const id = person?.id ?? '';
  const nick = bareOf(id).toLowerCase() === room.jid ? resourceOf(id) : undefined;
  const byAddress = [...room.occupants.values()].find(({ jid }) => jid !== undefined && jid === bareOf(id).toLowerCase())?.nick;
  return nick ?? byAddress ?? person?.name ?? id;
}
