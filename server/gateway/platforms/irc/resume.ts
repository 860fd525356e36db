import { KosmosError, messageOf } from '../../../foundation/errors.ts';
import { noteSeen } from './messages.ts';
import { isBatch } from './connection/batches.ts';
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

/** What was said in the meantime, as if it had just come. `since` is the time of the last message heard before. */
export async function catchUp(session: IrcSession, rooms: readonly WantedRoom[], since: string | undefined): Promise<void> {
  for (const room of rooms) await replay(session, room.name, () => room.lastSeen);
  for (const person of await findCorrespondents(session, since)) {
    let last = since;
    await replay(
      session,
      person,
      () => last,
      (time) => (last = time),
    );
  }
}

async function replay(
  session: IrcSession,
  target: string,
  from: () => string | undefined,
  advance?: (time: string) => void,
): Promise<void> {
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const after = from();
    if (after === undefined) return;
    const { items, complete } = await fetchHistory(session, target, { after, limit: PAGE });
    for (const item of items) {
      session.push(item);
      noteSeen(session, item);
      advance?.(item.published ?? after);
    }
    if (complete) return;
  }
}

/** People that direct messages were exchanged with since then: CHATHISTORY TARGETS (draft/chathistory). */
async function findCorrespondents(session: IrcSession, since: string | undefined): Promise<string[]> {
  if (since === undefined) return [];
  const now = new Date().toISOString();
  const params = ['TARGETS', `timestamp=${since}`, `timestamp=${now}`, String(PAGE)];
  const reply = await session.connection.request({ command: 'CHATHISTORY', params });
  refuseErrors(reply);
  const found = (reply.batch?.items ?? []).flatMap((item) => (isBatch(item) ? [] : (item.params[1] ?? [])));
  return found.filter((name) => name !== '' && !session.isupport.isChannel(name));
}
