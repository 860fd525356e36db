import { queryObjects } from 'node:v8';
import { runProgram } from '../../../server/foundation/program.ts';
import { Gateway } from '../../../server/gateway/gateway.ts';
import { IrcConnection } from '../../../server/gateway/platforms/irc/connection/connection.ts';
import { Room } from '../../../server/gateway/platforms/irc/rooms.ts';
import { IrcSession } from '../../../server/gateway/platforms/irc/session.ts';
import { ActorSession } from '../../../server/gateway/sessions/actor-session.ts';
import { ClientSocket } from '../../../server/gateway/wire/client-socket.ts';
import { createPlatforms } from '../../../server/gateway/platforms/all.ts';

/** What must be gone with those who were there. */
const counted = { sockets: ClientSocket, sessions: ActorSession, ircSessions: IrcSession, connections: IrcConnection, rooms: Room };

export type Counts = Readonly<Record<keyof typeof counted, number>>;

/** Whoever started it may ask what is left after a collection: bytes on the heap, or objects. */
process.on('message', (question) => {
  globalThis.gc?.();
  if (question === 'heap') return process.send?.(process.memoryUsage().heapUsed);
  const counts = Object.entries(counted).map(([name, made]) => [name, queryObjects(made as never, { format: 'count' })]);
  return process.send?.(Object.fromEntries(counts));
});

/** The gateway as it is but for the limits that keep one member from doing what a benchmark or a test of its memory does. */
await runProgram('gateway', async ({ settings, logger, stopping }) => {
  const limits = { perSecond: 1e6, burst: 1e6, waitingPerSession: 100_000, unreadPerSocket: 100_000 };
  const gateway = await Gateway.start({ settings, logger, platforms: createPlatforms(), limits }, stopping);
  return () => gateway.close();
});
