import { KosmosError } from '../../../../foundation/errors.ts';
import type { Activity } from '../../platform.ts';
import { block, makeFriend, removeFriend, requestFriend, unblock } from './contacts.ts';
import { connect, disconnect } from './connection.ts';
import { correct, remove as removeMessage } from './message.ts';
import { bookmark, removeBookmark } from './bookmark.ts';
import { read } from './marker.ts';
import { ban, invite, kick, setRole, unban, unsetRole } from './moderation.ts';
import { setPresence } from './presence.ts';
import { setProfile, queryProfile } from './profile.ts';
import { queryAffiliations, queryAttendance, queryWhois } from './people.ts';
import { queryBlocked, queryBookmarks, queryRoster } from './lists.ts';
import { queryHistory } from './history.ts';
import { queryRooms } from './room-list.ts';
import { queryUpload } from './upload.ts';
import { react, unreact } from './reaction.ts';
import { changeNick, join, leave, setTopic } from './rooms.ts';
import { send } from './send.ts';
import { announce } from './typing.ts';
import type { Verb } from './verb.ts';

/** By the type of the activity, and where one type has several meanings by the type of its object too. */
const verbs: Readonly<Record<string, Verb | Readonly<Record<string, Verb>>>> = {
  connect,
  disconnect,
  join,
  leave,
  send,
  update: { message: correct, me: correct, topic: setTopic, presence: setPresence, address: changeNick, profile: setProfile },
  delete: { message: removeMessage },
  add: { reaction: react, relationship: setRole, bookmark },
  remove: { reaction: unreact, relationship: unsetRole, bookmark: removeBookmark },
  announce: { typing: announce },
  read: { marker: read },
  kick,
  ban,
  unban,
  invite,
  block,
  unblock,
  query: {
    attendance: queryAttendance,
    history: queryHistory,
    rooms: queryRooms,
    whois: queryWhois,
    roster: queryRoster,
    upload: queryUpload,
    profile: queryProfile,
    bookmarks: queryBookmarks,
    blocked: queryBlocked,
    affiliations: queryAffiliations,
  },
  'request-friend': requestFriend,
  'make-friend': makeFriend,
  'remove-friend': removeFriend,
};

export const verbNames = Object.keys(verbs);

/** Throws KOSMOS_ERR_VERB_UNKNOWN, KOSMOS_ERR_NOT_SUPPORTED. */
export function verbOf({ type, object }: Activity): Verb {
  const verb = Object.hasOwn(verbs, type) ? verbs[type] : undefined;
  if (verb === undefined) throw new KosmosError('KOSMOS_ERR_VERB_UNKNOWN', { platform: 'xmpp', verb: type });
  if (typeof verb === 'function') return verb;
  const objectType = object?.type ?? '';
  const special = Object.hasOwn(verb, objectType) ? verb[objectType] : undefined;
  if (special === undefined)
    throw new KosmosError('KOSMOS_ERR_NOT_SUPPORTED', { server: 'The platform xmpp', feature: `${type} of ${objectType || 'nothing'}` });
  return special;
}
