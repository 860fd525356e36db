import { randomUUID } from 'node:crypto';
import { KosmosError } from '../../../../foundation/errors.ts';
import type { Activity, ActivityObject } from '../../platform.ts';
import { ns } from '../namespaces.ts';
import type { Room } from '../room.ts';
import { infoOf } from '../service-discovery.ts';
import type { XmppSession } from '../session.ts';
import { StanzaError } from '../stream/stanza-error.ts';
import { xml } from '../xml/element.ts';
import { addressInRoom, nickInRoom, optionalText, type Verb } from './verb.ts';

const affiliations = new Set(['owner', 'admin', 'member', 'none', 'outcast']);
const roles = new Set(['moderator', 'participant', 'visitor']);

/** https://xmpp.org/extensions/xep-0045.html#kick */
export const kick: Verb = async (session, activity) => {
  const room = session.joinedRoom(activity.target);
  const nick = nickInRoom(room, activity.object);
  await change(
    session,
    room,
    { nick, role: 'none' },
    optionalText(activity.object, 'content'),
    `${nick} was not removed from ${room.name}`,
  );
  return undefined;
};

/** https://xmpp.org/extensions/xep-0045.html#ban */
export const ban: Verb = (session, activity) => setAffiliation(session, activity, 'outcast', 'banned from');

export const unban: Verb = (session, activity) => setAffiliation(session, activity, 'none', 'let into');

async function setAffiliation(session: XmppSession, activity: Activity, affiliation: string, what: string): Promise<undefined> {
  const room = session.joinedRoom(activity.target);
  const jid = addressInRoom(session, room, activity.object);
  await change(session, room, { jid, affiliation }, optionalText(activity.object, 'content'), `${jid} was not ${what} ${room.name}`);
  return undefined;
}

/** https://xmpp.org/extensions/xep-0045.html#affil and #roles */
export const setRole: Verb = async (session, activity) => {
  const subject = activity.object?.['subject'] as ActivityObject | undefined;
  await giveRole(session, activity, String(subject?.['role'] ?? ''));
  return undefined;
};

export const unsetRole: Verb = async (session, activity) => {
  await giveRole(session, activity, 'none');
  return undefined;
};

async function giveRole(session: XmppSession, activity: Activity, role: string): Promise<void> {
  const room = session.joinedRoom(activity.object?.['object'] as ActivityObject | undefined);
  const action = `the role in ${room.name} was not changed`;
  if (roles.has(role)) return change(session, room, { nick: nickInRoom(room, activity.target), role }, undefined, action);
  if (!affiliations.has(role)) throw new KosmosError('KOSMOS_ERR_VALIDATION', { reason: `“${role}” is no role in XMPP rooms` });
  await change(session, room, { jid: addressInRoom(session, room, activity.target), affiliation: role }, undefined, action);
}

async function change(
  session: XmppSession,
  room: Room,
  item: Record<string, string>,
  reason: string | undefined,
  action: string,
): Promise<void> {
  const why = reason === undefined ? undefined : xml('reason', {}, reason);
  await session.connection.request('set', room.jid, xml('query', { xmlns: ns.mucAdmin }, xml('item', item, why)), action);
}

/** https://xmpp.org/extensions/xep-0045.html#invite-mediated; where the room does not want to, https://xmpp.org/extensions/xep-0249.html */
export const invite: Verb = async (session, activity) => {
  const room = session.joinedRoom(activity.target);
  const jid = addressInRoom(session, room, activity.object);
  const reason = optionalText(activity.object, 'content');
  const id = randomUUID();
  const refused = session.copies.expect(id, room.jid, `${jid} was not invited`);
  const invitation = xml('invite', { to: jid }, reason === undefined ? undefined : xml('reason', {}, reason));
  session.connection.send(xml('message', { to: room.jid, id }, xml('x', { xmlns: ns.mucUser }, invitation)));
  // A room says nothing to an invitation that it passed on; what it answers to the next question comes after a refusal.
  const asked = infoOf(session, room.jid, '').catch(() => undefined);
  void asked.then(() => session.copies.settle(id, []));
  await refused.catch((error: unknown) => {
    if (!(error instanceof StanzaError)) throw error;
    session.connection.send(
      xml('message', { to: jid }, xml('x', { xmlns: ns.conference, jid: room.jid, reason, password: room.password })),
    );
  });
  return undefined;
};
