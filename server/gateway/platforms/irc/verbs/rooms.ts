import { personOf, roomOf, roomState, selfOf } from '../activities.ts';
import { refuseErrors } from '../connection/requests.ts';
import { joinRoom } from '../resume.ts';
import { modeOfRole } from '../rooms.ts';
import { KosmosError } from '../../../../foundation/errors.ts';
import type { ActivityObject } from '../../platform.ts';
import { channelOf, joinedRoom, nameOf, oneLine, text, type Verb } from './verb.ts';

export const join: Verb = async (session, { target }) => {
  const name = channelOf(session, target);
  const key = text(target, 'key');
  const room = await joinRoom(session, name, key);
  const folded = session.isupport.fold(room.name);
  if (key !== undefined) session.wanted.set(folded, { name: room.name, key, lastSeen: session.wanted.get(folded)?.lastSeen });
  return roomState(session, room);
};

export const leave: Verb = async (session, { target, object }) => {
  const name = channelOf(session, target);
  if (!session.findRoom(name)) return void session.leaveRoom(name);
  session.wanted.delete(session.isupport.fold(name));
  const reason = oneLine(text(object, 'content'));
  refuseErrors(await session.connection.request({ command: 'PART', params: reason === '' ? [name] : [name, reason] }));
  return undefined;
};

export const kick: Verb = async (session, { target, object }) => {
  const params = [joinedRoom(session, target), nameOf(session, object, 'object'), oneLine(text(object, 'content'))];
  refuseErrors(await session.connection.request({ command: 'KICK', params: params.filter((param) => param !== '') }));
  return undefined;
};

function banMask(object: ActivityObject | undefined, name: string): string {
  const mask = text(object, 'name') ?? text(object, 'id') ?? name;
  return /[!@*?$]/.test(mask) ? mask.replace(/\s/g, '') : `${name}!*@*`;
}

const setBan =
  (sign: '+' | '-'): Verb =>
  async (session, { target, object }) => {
    const room = joinedRoom(session, target);
    const mask = banMask(object, nameOf(session, object, 'object'));
    refuseErrors(await session.connection.request({ command: 'MODE', params: [room, `${sign}b`, mask] }));
    return undefined;
  };

export const ban = setBan('+');
export const unban = setBan('-');

export const invite: Verb = async (session, { target, object }) => {
  const params = [nameOf(session, object, 'object'), channelOf(session, target)];
  refuseErrors(await session.connection.request({ command: 'INVITE', params }));
  return { type: 'invite', actor: selfOf(session), target: roomOf(session, params[1] ?? ''), object: personOf(session, params[0] ?? '') };
};

/** `add` and `remove` of a relationship, as Sockethub tells of ranks. */
export const setRole =
  (sign: '+' | '-'): Verb =>
  async (session, { target, object }) => {
    const room = joinedRoom(session, object?.['object'] as ActivityObject | undefined);
    const role = String((object?.['subject'] as { role?: unknown } | undefined)?.role);
    const mode = modeOfRole(role, session.isupport);
    if (mode === undefined) throw new KosmosError('KOSMOS_ERR_NOT_SUPPORTED', { server: session.server, feature: `the role ${role}` });
    refuseErrors(await session.connection.request({ command: 'MODE', params: [room, `${sign}${mode}`, nameOf(session, target)] }));
    return undefined;
  };
