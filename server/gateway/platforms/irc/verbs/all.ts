import { tags } from '../messages.ts';
import { announce, react, read, remove as removeMessage } from './marks.ts';
import { query } from './query.ts';
import { ban, invite, join, kick, leave, setRole, unban } from './rooms.ts';
import { send } from './send.ts';
import { update } from './update.ts';
import type { Verb } from './verb.ts';

const isReaction = (type: string | undefined): boolean => type === 'reaction';

const add: Verb = (session, activity) => (isReaction(activity.object?.type) ? react(tags.react) : setRole('+'))(session, activity);
const remove: Verb = (session, activity) => (isReaction(activity.object?.type) ? react(tags.unreact) : setRole('-'))(session, activity);

/** By the activity's type; `connect` and `disconnect` are the session's own. */
export const verbs: ReadonlyMap<string, Verb> = new Map(
  Object.entries({
    ...{ join, leave, send, update, query, add, remove, announce, read },
    ...{ delete: removeMessage, kick, ban, unban, invite },
  }),
);
