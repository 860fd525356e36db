import { KosmosError } from '../../../../foundation/errors.ts';
import { accountName, attendee, personOf, roomOf } from '../activities.ts';
import { ns } from '../namespaces.ts';
import type { Occupant, Room } from '../room.ts';
import type { XmppSession } from '../session.ts';
import { childOf, childrenOf, xml } from '../xml/element.ts';
import { fullNameOf, vcardOf } from './profile.ts';
import { addressOf, optionalText, type Verb } from './verb.ts';

export const queryAttendance: Verb = (session, activity) => {
  const room = session.joinedRoom(activity.target);
  const occupants = [...room.occupants.values()];
  const attendance = occupants.map((occupant) => attendee(session, room, occupant));
  const object = { type: 'attendance', members: occupants.map(({ nick }) => nick), attendance };
  return Promise.resolve({ ...activity, actor: roomOf(room.jid), object });
};

/** Whoever is asked for: somebody in a room by `room/nick`, else by the own address. */
export const queryWhois: Verb = async (session, activity) => {
  const id = activity.target?.id ?? '';
  const jid = id.includes('/') && session.rooms.has(addressOf(activity.target, 'target')) ? id : addressOf(activity.target, 'target');
  const seen = [...session.rooms.values()].flatMap((room) => occupantsWith(room, jid).map((occupant) => ({ room, occupant })));
  const own = seen.find(({ occupant }) => occupant.jid !== undefined)?.occupant.jid ?? (jid.includes('/') ? undefined : jid);
  const person = personOf(session, jid);
  const name = optionalText(activity.target, 'name') ?? person.name;
  const content = await vcardOf(session, jid).then(fullNameOf, () => undefined);
  const first = seen[0]?.occupant;
  const object = {
    ...person,
    ...(name === undefined ? {} : { name }),
    ...(own === undefined ? {} : { account: accountName(session, own) }),
    ...(content === undefined ? {} : { content }),
    ...(first?.show === undefined ? {} : { away: first.status ?? first.show }),
    rooms: seen.map(({ room }) => roomOf(room.jid)),
  };
  return { ...activity, object };
};

function occupantsWith(room: Room, jid: string): readonly Occupant[] {
  return [...room.occupants.values()].filter((occupant) => occupant.jid === jid || `${room.jid}/${occupant.nick}` === jid);
}

const lists = ['owner', 'admin', 'member', 'outcast'];

/** https://xmpp.org/extensions/xep-0045.html#modifymember: who belongs to a room or is banned, there or not. */
export const queryAffiliations: Verb = async (session, activity) => {
  const room = session.joinedRoom(activity.target);
  const role = optionalText(activity.object, 'role');
  if (role !== undefined && !lists.includes(role))
    throw new KosmosError('KOSMOS_ERR_VALIDATION', { reason: `“${role}” is no role of members` });
  const wanted = role === undefined ? lists : [role];
  const found = await Promise.all(wanted.map((affiliation) => affiliated(session, room, affiliation)));
  return { ...activity, object: { type: 'collection', items: found.flat(), complete: true } };
};

async function affiliated(session: XmppSession, room: Room, affiliation: string): Promise<readonly object[]> {
  const query = xml('query', { xmlns: ns.mucAdmin }, xml('item', { affiliation }));
  const answer = await session.connection.request('get', room.jid, query, `the members of ${room.name} were not given`);
  return childrenOf(childOf(answer, 'query', ns.mucAdmin), 'item').map(({ attributes }) => ({
    ...personOf(session, attributes['jid'] ?? ''),
    role: affiliation,
  }));
}
