import { randomUUID } from 'node:crypto';
import { KosmosError } from '../../../../foundation/errors.ts';
import { roomState } from '../activities.ts';
import { catchUpRoom } from '../catch-up.ts';
import { enter } from '../enter.ts';
import { localOf } from '../jid.ts';
import { original } from '../originals.ts';
import type { XmppSession } from '../session.ts';
import { limits } from '../limits.ts';
import { Room } from '../room.ts';
import { stanzaError } from '../stream/stanza-error.ts';
import { childOf, xml } from '../xml/element.ts';
import { addressOf, optionalText, textIn, type Verb } from './verb.ts';

/** https://xmpp.org/extensions/xep-0045.html#enter */
export const join: Verb = async (session, activity) => {
  const jid = addressOf(activity.target, 'target');
  const known = session.rooms.get(jid);
  if (known?.state === 'joined') return { ...roomState(session, known), id: activity.id };
  if (session.rooms.size >= limits.rooms) throw new KosmosError('KOSMOS_ERR_SESSION_LIMIT', { limit: limits.rooms });
  const nick = activity.actor.name ?? localOf(session.account.jid);
  const room = known ?? new Room(jid, nick, optionalText(activity.target, 'key'));
  clearTimeout(room.retry);
  session.rooms.set(jid, room);
  const before = session.takeProgress(jid);
  if (before) room.goOnFrom(before);
  try {
    await enter(session, room);
  } catch (error) {
    session.rooms.delete(jid);
    throw error;
  }
  if (before) void catchUpRoom(session, room);
  await learnMarker(session, room);
  return { ...roomState(session, room), id: activity.id };
};

/** When the message was said up to which the room was read: clients count from there. What a team has read, the appliance knows. */
async function learnMarker(session: XmppSession, room: Room): Promise<void> {
  const marker = session.markers.get(room.jid);
  if (marker === undefined || session.context.isTeamServer || !room.features.includes('history')) return;
  await original(session, room, marker).catch(() => undefined);
}

/** https://xmpp.org/extensions/xep-0045.html#exit */
export const leave: Verb = async (session, activity) => {
  const jid = addressOf(activity.target, 'target');
  const room = session.rooms.get(jid);
  session.takeProgress(jid);
  if (room === undefined) return undefined;
  clearTimeout(room.retry);
  if (room.state !== 'joined') {
    session.rooms.delete(jid);
    return undefined;
  }
  const left = session.waiting.expect(`leave ${jid}`, jid);
  const reason = optionalText(activity.object, 'content');
  session.connection.send(
    xml('presence', { to: `${jid}/${room.nick}`, type: 'unavailable' }, reason === undefined ? undefined : xml('status', {}, reason)),
  );
  await left.finally(() => session.rooms.delete(jid));
  return undefined;
};

/** https://xmpp.org/extensions/xep-0045.html#subject-mod */
export const setTopic: Verb = async (session, activity) => {
  const room = session.joinedRoom(activity.target);
  const id = randomUUID();
  const copy = session.copies.expect(id, room.jid, 'the topic was not changed');
  const subject = xml('subject', {}, textIn(activity.object, 'content'));
  room.topicChanges.push(id);
  session.connection.send(xml('message', { type: 'groupchat', to: room.jid, id }, subject));
  await copy.finally(() => {
    room.topicChanges = room.topicChanges.filter((other) => other !== id);
  });
  return undefined;
};

/** https://xmpp.org/extensions/xep-0045.html#changenick, in every room: the account has one nick. */
export const changeNick: Verb = async (session, activity) => {
  const nick = activity.target?.name ?? '';
  // Only what could be a resource is asked for; the room decides about the rest.
  if (nick.trim() === '' || nick.length > 1_023) {
    throw new KosmosError('KOSMOS_ERR_VALIDATION', { reason: 'target.name is no nick' });
  }
  const rooms = [...session.rooms.values()].filter((room) => room.state === 'joined' && room.nick !== nick);
  await Promise.all(
    rooms.map(async (room) => {
      const outcome = session.waiting.expect(`nick ${room.jid}`, room.jid);
      session.connection.send(xml('presence', { to: `${room.jid}/${nick}` }));
      const stanza = await outcome;
      if (stanza.attributes['type'] === 'error') throw stanzaError(childOf(stanza, 'error'), `the nick in ${room.name} was not changed`);
    }),
  );
  return undefined;
};
