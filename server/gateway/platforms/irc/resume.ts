import { KosmosError, messageOf } from '../../../foundation/errors.ts';
import { roomOf, selfOf } from './activities.ts';
import { refuseErrors } from './connection/requests.ts';
import type { Room } from './rooms.ts';
import type { IrcSession, WantedRoom } from './session.ts';

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
export async function joinWanted(session: IrcSession): Promise<void> {
  for (const wanted of [...session.wanted.values()]) {
    try {
      await joinRoom(session, wanted.name, wanted.key);
    } catch (error) {
      if (!(error instanceof KosmosError) || error.code !== 'KOSMOS_ERR_SERVER_REFUSED') return;
      giveUp(session, wanted, error);
    }
  }
}

function giveUp(session: IrcSession, { name }: WantedRoom, error: KosmosError): void {
  session.wanted.delete(session.isupport.fold(name));
  session.push({
    type: 'leave',
    actor: selfOf(session),
    target: roomOf(session, name),
    object: { type: 'message', how: 'removed', content: messageOf(error) },
  });
}
