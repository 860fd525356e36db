// https://ircv3.net/specs/extensions/read-marker (draft)
import type { Activity } from '../../platform.ts';
import { selfOf, targetOf } from '../activities.ts';
import type { IrcMessage } from '../connection/message.ts';
import type { IrcSession } from '../session.ts';
import type { Incoming } from './incoming.ts';

/** Undefined while nothing is marked (`*`). */
export function markerActivity(session: IrcSession, message: IrcMessage): Activity | undefined {
  const [target = '', timestamp = ''] = message.params;
  const published = /^timestamp=(.+)$/.exec(timestamp)?.[1];
  if (published === undefined) return undefined;
  return { type: 'read', actor: selfOf(session), target: targetOf(session, target), object: { type: 'marker', published } };
}

export const markread: Incoming = {
  commands: ['MARKREAD'],
  receive(session, message, { requested }) {
    const activity = markerActivity(session, message);
    const room = session.findRoom(message.params[0] ?? '');
    if (room) room.marker = activity?.object?.['published'] as string | undefined;
    if (activity && !requested) session.push(activity);
  },
};
