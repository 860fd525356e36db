import type { Platform } from '../platform.ts';
import { publicLimit } from './connection/flood.ts';
import { defaultTimings } from './connection/timings.ts';
import { portOf, type IrcCredentials } from './credentials.ts';
import { credentials, messages, types } from './schema.ts';
import { IrcSession, type IrcOptions } from './session.ts';

export function createIrcPlatform(options: Partial<IrcOptions> = {}): Platform {
  const complete: IrcOptions = { timings: defaultTimings, flood: publicLimit, ...options };
  return {
    id: 'irc',
    version: '1.0.0',
    types,
    schemas: { credentials, messages },
    persistent: true,
    // What is written to the server at once, in order: the next may follow before the answer is there.
    pipelined: ['send', 'announce', 'add', 'remove', 'delete', 'read', 'query'],
    serverOf(given) {
      const known = given as unknown as IrcCredentials;
      return { host: known.server, port: portOf(known) };
    },
    open: (context) => new IrcSession(context, complete),
  };
}
