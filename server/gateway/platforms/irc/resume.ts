import { KosmosError, messageOf } from '../../../foundation/errors.ts';
import { noteSeen } from './messages.ts';
import { refuseErrors } from './connection/requests.ts';
import { fetchHistory } from './history.ts';
import type { Room } from './rooms.ts';
import type { IrcSession, WantedRoom } from './session.ts';
import { roomOf, selfOf } from './activities.ts';

const PAGE = 100;
const MOST_PAGES = 20;

/** Enters a channel unless the session is in it. Throws KOSMOS_ERR_SERVER_REFUSED with the server's words. */
export async function joinRoom(session: IrcSession, name: string, key?: string): Promise<Room> {
  if (!session.findRoom(name)) {
    const reply = await session.connection.request({ command: 'JOIN', params: key === undefined ? [name] : [name, key] });
    refuseErrors(reply);
  }
  const room = session.findRoom(name);
  if (!room) throw new KosmosError('KOSMOS_ERR_SERVER_REFUSED', { reason: `it did not let you into ${name}` });
  await room.completing;
  return room;
}

/** After a reconnection: into every room again. One that refuses is given up, and the client told why. */
export async function joinWanted(session: IrcSession): Promise<WantedRoom[]> {
  const joined: WantedRoom[] = [];
  for (const wanted of [...session.wanted.values()]) {
    try {
      await joinRoom(session, wanted.name, wanted.key);
      joined.push(wanted);
    } catch (error) {
      if (!(error instanceof KosmosError) || error.code !== 'KOSMOS_ERR_SERVER_REFUSED') return joined;
      session.wanted.delete(session.isupport.fold(wanted.name));
      session.push({
        type: 'leave',
        actor: selfOf(session),
        target: roomOf(session, wanted.name),
        object: { type: 'message', how: 'removed', content: messageOf(error) },
      });
    }
  }
  return joined;
}

/** What was said in the meantime, as if it had just come. */
export async function catchUp(session: IrcSession, rooms: readonly WantedRoom[]): Promise<void> {
  for (const room of rooms) {
    for (let page = 0; page < MOST_PAGES && room.lastSeen !== undefined; page += 1) {
      const { items, complete } = await fetchHistory(session, room.name, { after: room.lastSeen, limit: PAGE });
      for (const item of items) {
        session.push(item);
        noteSeen(session, item);
      }
      if (complete) break;
    }
  }
}
