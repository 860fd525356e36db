import type { Activity, ActivityObject } from '../../platform.ts';
import { occupantOf, roomOf } from '../activities.ts';
import { bareOf, resourceOf } from '../jid.ts';
import { limits } from '../limits.ts';
import { ns } from '../namespaces.ts';
import { roleOf, type Occupant, type Room } from '../room.ts';
import { enterAgainLater } from '../enter.ts';
import type { XmppSession } from '../session.ts';
import { childOf, childrenOf, childText, type Element } from '../xml/element.ts';
import { flatten } from '../xml/strings.ts';

/** https://xmpp.org/extensions/xep-0045.html#presence: somebody in a room we are in, came, changed or went. */
export function receiveOccupant(session: XmppSession, stanza: Element): void {
  const from = stanza.attributes['from'] ?? '';
  const room = session.rooms.get(bareOf(from));
  const type = stanza.attributes['type'];
  if (room === undefined) return;
  if (type === 'error') return void settleRefusal(session, room, stanza);
  const nick = flatten(resourceOf(from) ?? '');
  const x = childOf(stanza, 'x', ns.mucUser);
  const codes = new Set(childrenOf(x, 'status').map(({ attributes }) => attributes['code'] ?? ''));
  const isSelf = codes.has('110') || (nick === room.nick && room.state === 'joined');
  if (type === undefined) there(session, room, occupantIn(stanza, nick, x), isSelf, stanza);
  else if (type !== 'unavailable') return;
  else if (codes.has('303')) renamed(session, room, nick, stanza, isSelf);
  else gone(session, room, nick, { stanza, x, codes, isSelf });
}

function settleRefusal(session: XmppSession, room: Room, stanza: Element): boolean {
  return ['nick', 'join'].some((what) => session.waiting.settle(`${what} ${room.jid}`, stanza));
}

function occupantIn(stanza: Element, nick: string, x: Element | undefined): Occupant {
  const item = childOf(x, 'item')?.attributes;
  const show = childText(stanza, 'show');
  const status = childText(stanza, 'status');
  return {
    nick,
    affiliation: flatten(item?.['affiliation'] ?? 'none'),
    role: flatten(item?.['role'] ?? 'participant'),
    jid: item?.['jid'] === undefined ? undefined : flatten(bareOf(item['jid'])),
    show: show === undefined || show === '' ? undefined : flatten(show),
    status: status === undefined || status === '' ? undefined : flatten(status.slice(0, 1_000)),
  };
}

function there(session: XmppSession, room: Room, occupant: Occupant, isSelf: boolean, stanza: Element): void {
  const before = room.occupants.get(occupant.nick);
  if (before === undefined && room.occupants.size >= limits.occupants) return;
  room.occupants.set(occupant.nick, occupant);
  if (room.state !== 'joined') {
    if (!isSelf) return;
    room.nick = occupant.nick;
    session.waiting.settle(`join ${room.jid}`, stanza);
    return;
  }
  const actor = occupantOf(session, room, occupant.nick);
  const target = roomOf(room.jid);
  if (before === undefined) {
    if (!isSelf) session.push({ type: 'join', actor, target, object: { type: 'presence', role: roleOf(occupant) } });
    return;
  }
  for (const activity of changes(session, room, before, occupant)) session.push(activity);
}

function changes(session: XmppSession, room: Room, before: Occupant, now: Occupant): readonly Activity[] {
  const person = occupantOf(session, room, now.nick);
  const target = roomOf(room.jid);
  const told: Activity[] = [];
  const role = roleOf(now);
  if (role !== roleOf(before)) {
    const object = { type: 'relationship', relationship: 'role', subject: { type: 'presence', role }, object: target };
    told.push({ type: 'add', actor: target, target: person, object });
  }
  if (now.show !== before.show || now.status !== before.status) {
    const object = { type: 'presence', presence: now.show ?? 'online', ...(now.status === undefined ? {} : { content: now.status }) };
    told.push({ type: 'update', actor: person, target, object });
  }
  return told;
}

function renamed(session: XmppSession, room: Room, nick: string, stanza: Element, isSelf: boolean): void {
  const newNick = flatten(childOf(childOf(stanza, 'x', ns.mucUser), 'item')?.attributes['nick'] ?? '');
  const occupant = room.occupants.get(nick);
  if (newNick === '' || occupant === undefined) return;
  const actor = occupantOf(session, room, nick);
  room.occupants.delete(nick);
  room.occupants.set(newNick, { ...occupant, nick: newNick });
  if (isSelf) {
    room.nick = newNick;
    session.waiting.settle(`nick ${room.jid}`, stanza);
  }
  session.push({ type: 'update', actor, target: occupantOf(session, room, newNick), object: { type: 'address', room: roomOf(room.jid) } });
}

interface Departure {
  readonly stanza: Element;
  readonly x: Element | undefined;
  readonly codes: ReadonlySet<string>;
  readonly isSelf: boolean;
}

function gone(session: XmppSession, room: Room, nick: string, departure: Departure): void {
  const { isSelf, codes, stanza } = departure;
  const actor = occupantOf(session, room, nick);
  const wasThere = room.occupants.delete(nick);
  if (!isSelf) {
    if (wasThere && room.state === 'joined') session.push(leaveOf(session, room, actor, departure));
    return;
  }
  const isRequested = session.waiting.settle(`leave ${room.jid}`, stanza);
  // The service stops or has trouble, while the connection stays: that is no reason to be out of the room.
  if (!isRequested && (codes.has('332') || codes.has('333'))) return enterAgainLater(session, room);
  room.state = 'left';
  session.rooms.delete(room.jid);
  session.push(leaveOf(session, room, actor, departure));
}

function leaveOf(session: XmppSession, room: Room, actor: ActivityObject, { stanza, x, codes }: Departure): Activity {
  const item = childOf(x, 'item');
  const destroy = childOf(x, 'destroy');
  const by = childOf(item, 'actor')?.attributes['nick'];
  const how = destroy !== undefined ? 'removed' : howOf(codes);
  const content = childText(destroy ?? item, 'reason') ?? childText(stanza, 'status');
  const who = by === undefined ? {} : { by: occupantOf(session, room, by) };
  return { type: 'leave', actor, target: roomOf(room.jid), object: { type: 'message', ...(content ? { content } : {}), how, ...who } };
}

function howOf(codes: ReadonlySet<string>): string {
  if (codes.has('301')) return 'ban';
  return ['307', '321', '322', '333'].some((code) => codes.has(code)) ? 'kick' : 'leave';
}
