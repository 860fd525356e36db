import { KosmosError } from '../../../../foundation/errors.ts';
import type { Activity, ActivityObject } from '../../platform.ts';
import type { IrcSession } from '../session.ts';

/** One verb of the client. Resolves with what to acknowledge, or undefined for the request itself. */
export type Verb = (session: IrcSession, activity: Activity) => Promise<Activity | undefined>;

/** Channels have up to 64 bytes on most servers, nicks fewer; ban masks are longer. */
const LONGEST_NAME = 200;

/** The name of a room or person: `name`, or taken from the id (`#room@server`, `nick@server`, `server/#room`). */
export function nameOf(session: IrcSession, object: ActivityObject | undefined, what = 'target'): string {
  const { name, id = '' } = object ?? {};
  const slash = id.indexOf('/');
  const fromId = id.startsWith(`${session.server}/`) ? id.slice(slash + 1) : id.replace(new RegExp('@[^@]*$'), '');
  // A room's display name may lack what makes it a channel; its id does not.
  const chosen = object?.type === 'room' && !session.isupport.isChannel(name ?? '') && session.isupport.isChannel(fromId) ? fromId : name;
  const word = chosen ?? fromId;
  // eslint-disable-next-line no-control-regex
  if (Buffer.byteLength(word) > LONGEST_NAME || !/^[^\s,:\u0000-\u0020][^\s,\u0000-\u0020]*$/.test(word)) {
    throw new KosmosError('KOSMOS_ERR_VALIDATION', { reason: `${what} names no room or person of IRC` });
  }
  return word;
}

/** The channel that the target names; it must be one that the session is in. Throws KOSMOS_ERR_NOT_IN_ROOM. */
export function joinedRoom(session: IrcSession, target: ActivityObject | undefined): string {
  const name = channelOf(session, target);
  if (!session.findRoom(name)) throw new KosmosError('KOSMOS_ERR_NOT_IN_ROOM', { room: name });
  return name;
}

export function channelOf(session: IrcSession, target: ActivityObject | undefined): string {
  const name = nameOf(session, target);
  if (session.isupport.isChannel(name)) return name;
  throw new KosmosError('KOSMOS_ERR_VALIDATION', {
    reason: `“${name}” is not a channel; they begin with ${session.isupport.channelTypes}`,
  });
}

/** Where a message may go: a person, or a channel that the session is in. */
export function addresseeOf(session: IrcSession, target: ActivityObject | undefined): string {
  const name = nameOf(session, target);
  return session.isupport.isChannel(name) ? joinedRoom(session, target) : name;
}

/** A field of the object that the schema promises to be a string. */
export function text(object: ActivityObject | undefined, field: string): string | undefined {
  const value = object?.[field];
  return typeof value === 'string' ? value : undefined;
}

/** One line of free text: a topic or a reason. */
export function oneLine(value: string | undefined): string {
  return (value ?? '').replace(/[\r\n\0]+/g, ' ');
}
