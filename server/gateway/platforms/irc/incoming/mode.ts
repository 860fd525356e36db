// https://modern.ircdocs.horse/#mode-message
import type { Activity } from '../../platform.ts';
import { personOf, roomOf, sourceOf, timeOf } from '../activities.ts';
import type { Isupport } from '../connection/isupport.ts';
import type { IrcMessage } from '../connection/message.ts';
import { occupantOf, roleOfMode, withPrefix } from '../rooms.ts';
import type { IrcSession } from '../session.ts';
import type { Incoming } from './incoming.ts';

interface ModeChange {
  readonly adding: boolean;
  readonly mode: string;
  readonly param: string | undefined;
}

export function parseModes(modes: string, params: readonly string[], isupport: Isupport): ModeChange[] {
  const rest = [...params];
  const changes: ModeChange[] = [];
  let adding = true;
  for (const mode of modes) {
    if (mode === '+' || mode === '-') adding = mode === '+';
    else changes.push({ adding, mode, param: isupport.takesParameter(mode, adding) ? rest.shift() : undefined });
  }
  return changes;
}

function changeActivity(session: IrcSession, message: IrcMessage, { adding, mode, param }: ModeChange): Activity {
  const actor = sourceOf(session, message);
  const room = roomOf(session, message.params[0] ?? '');
  const published = timeOf(message);
  const role = roleOfMode(mode);
  if (role && param !== undefined && session.isupport.prefixes.some(([known]) => known === mode)) {
    const object = { type: 'relationship', relationship: 'role', subject: { type: 'presence', role }, object: room };
    return { type: adding ? 'add' : 'remove', actor, target: personOf(session, param), object, published };
  }
  if (mode === 'b' && param !== undefined) {
    return { type: adding ? 'ban' : 'unban', actor, target: room, object: { type: 'person', id: param, name: param }, published };
  }
  const content = `${adding ? '+' : '-'}${mode}${param === undefined ? '' : ` ${param}`}`;
  return { type: 'update', actor, target: room, object: { type: 'mode', content }, published };
}

function applyRank(session: IrcSession, roomName: string, { adding, mode, param = '' }: ModeChange): void {
  const prefix = session.isupport.prefixes.find(([known]) => known === mode)?.[1];
  const room = session.findRoom(roomName);
  const folded = session.isupport.fold(param);
  const occupant = room?.find(folded);
  if (!prefix || !room || !occupant) return;
  const prefixes = withPrefix(occupant.prefixes, prefix, adding, session.isupport);
  room.put(folded, occupantOf(occupant.nick, prefixes, occupant.account, occupant.away));
}

export const mode: Incoming = {
  commands: ['MODE'],
  receive(session, message) {
    const [name = '', modes = '', ...params] = message.params;
    if (!session.isupport.isChannel(name)) return;
    for (const change of parseModes(modes, params, session.isupport)) {
      applyRank(session, name, change);
      session.push(changeActivity(session, message, change));
    }
  },
};
