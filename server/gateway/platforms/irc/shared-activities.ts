import type { Activity } from '../platform.ts';
import { isSameForAll } from './connection/shared-lines.ts';
import type { IrcMessage } from './connection/message.ts';
import type { IrcSession } from './session.ts';

interface Made {
  /** As it stands in the ids. */
  readonly server: string;
  readonly activity: Activity | undefined;
}

const made = new WeakMap<IrcMessage, Made>();

/**
 * What `make` makes of a message, once for all sessions on the team's server, which write it the same way. Only for what depends on
 * nothing else that a session knows.
 */
export function shared(
  session: IrcSession,
  message: IrcMessage,
  make: (session: IrcSession, message: IrcMessage) => Activity | undefined,
): Activity | undefined {
  if (!session.context.isTeamServer || !isSameForAll(message)) return make(session, message);
  const known = made.get(message);
  if (known?.server === session.server) return known.activity;
  const activity = make(session, message);
  made.set(message, { server: session.server, activity });
  return activity;
}
