import { KosmosError, messageOf } from '../../../foundation/errors.ts';
import { occupantOf, roomOf, roomState } from './activities.ts';
import { catchUpRoom } from './catch-up.ts';
import { caps } from './caps.ts';
import { ns } from './namespaces.ts';
import type { Room } from './room.ts';
import { factsOf, featuresIn, infoOf } from './service-discovery.ts';
import type { XmppSession } from './session.ts';
import { StanzaError, stanzaError } from './stream/stanza-error.ts';
import { childOf, childrenOf, xml, type Element } from './xml/element.ts';

/** How long the subject may follow the own presence: some rooms have none to tell. */
const SUBJECT_TIME = 2_000;
const RETRY_TIME = 2_000;
const MOST_NICKS = 3;

/** Goes into a room and learns all about it. Rejects with the room's refusal. */
export async function enter(session: XmppSession, room: Room): Promise<void> {
  room.state = 'joining';
  room.occupants.clear();
  try {
    const [presence] = await Promise.all([announced(session, room), learnFeatures(session, room)]);
    await unlockIfNew(session, room, presence);
    room.hasBeenJoined = true;
  } catch (error) {
    room.state = 'left';
    throw error;
  }
}

async function announced(session: XmppSession, room: Room): Promise<Element> {
  const joined = session.waiting.expect(`join ${room.jid}`, room.jid);
  const subject = session.waiting.expect(`subject ${room.jid}`, room.jid);
  subject.catch(() => undefined);
  const password = room.password === undefined ? undefined : xml('password', {}, room.password);
  // One old message tells where to go on after a reconnection; the rest is asked for as history.
  const muc = xml('x', { xmlns: ns.muc }, password, xml('history', { maxstanzas: '1' }));
  session.connection.send(xml('presence', { to: `${room.jid}/${room.nick}` }, session.ownPresence, muc, caps));
  const presence = await joined;
  if (presence.attributes['type'] === 'error') throw stanzaError(childOf(presence, 'error'), `${room.name} could not be joined`);
  const late = setTimeout(() => session.waiting.settle(`subject ${room.jid}`, presence), SUBJECT_TIME);
  await subject.finally(() => clearTimeout(late));
  room.state = 'joined';
  return presence;
}

/** https://xmpp.org/extensions/xep-0045.html#createroom-instant: a room that we made by joining lets nobody in before. */
async function unlockIfNew(session: XmppSession, room: Room, presence: Element): Promise<void> {
  const codes = childrenOf(childOf(presence, 'x', ns.mucUser), 'status').map(({ attributes }) => attributes['code']);
  if (!codes.includes('201')) return;
  const form = xml('query', { xmlns: `${ns.muc}#owner` }, xml('x', { xmlns: ns.dataForms, type: 'submit' }));
  await session.connection.request('set', room.jid, form, `${room.name} could not be made`);
}

async function learnFeatures(session: XmppSession, room: Room): Promise<void> {
  const [info, server] = await Promise.all([infoOf(session, room.jid, '').catch(() => undefined), factsOf(session).catch(() => undefined)]);
  const known = featuresIn(info);
  const hasStableIds = known.has(ns.stanzaId) || known.has(ns.mam);
  room.moderation = [ns.moderate, ns.oldModerate].find((namespace) => known.has(namespace));
  room.features = [
    ...(known.has(ns.mam) ? ['history'] : []),
    // All three name a message by the id that the room gave it.
    ...(hasStableIds ? ['reactions', 'replies', 'deletion'] : []),
    ...['corrections', 'typing', 'markers', 'multiline', 'invitations'],
    ...(server?.upload === undefined ? [] : ['upload']),
  ];
}

/** Goes back into a room after the stream or the room was lost, and tells the client: its state, what was missed, or that it is out. */
export async function enterAgain(session: XmppSession, room: Room): Promise<void> {
  clearTimeout(room.retry);
  if (session.rooms.get(room.jid) !== room || room.state === 'joining') return;
  room.held = [];
  try {
    await enterWithSomeNick(session, room);
    session.push(roomState(session, room));
    await catchUpRoom(session, room);
  } catch (error) {
    if (error instanceof StanzaError && isFinal(error)) thrownOut(session, room, error);
    else if (session.connection.state !== 'waiting') enterAgainLater(session, room);
  } finally {
    session.copies.abandon(room.jid);
  }
}

/** The server may not have noticed yet that the old stream is dead: then somebody still sits there under our nick. */
async function enterWithSomeNick(session: XmppSession, room: Room): Promise<void> {
  for (let tried = 1; ; tried++) {
    try {
      return await enter(session, room);
    } catch (error) {
      if (!(error instanceof StanzaError) || error.condition !== 'conflict' || tried >= MOST_NICKS) throw error;
      room.nick = `${room.nick}_`;
    }
  }
}

/** A remote server that cannot be reached may come back; a ban will not go away by asking. */
function isFinal({ condition }: StanzaError): boolean {
  return ![
    'remote-server-timeout',
    'remote-server-not-found',
    'service-unavailable',
    'resource-constraint',
    'internal-server-error',
  ].includes(condition);
}

export function enterAgainLater(session: XmppSession, room: Room): void {
  room.state = 'left';
  clearTimeout(room.retry);
  const time = RETRY_TIME * (0.5 + Math.random());
  room.retry = setTimeout(() => {
    if (session.connection.isOnline) void enterAgain(session, room);
  }, time).unref();
}

function thrownOut(session: XmppSession, room: Room, error: KosmosError): void {
  session.rooms.delete(room.jid);
  const how = error instanceof StanzaError && error.condition === 'gone' ? 'removed' : 'kick';
  const object = { type: 'message', content: messageOf(error), how };
  session.push({ type: 'leave', actor: occupantOf(session, room, room.nick, session.account.jid), target: roomOf(room.jid), object });
}
