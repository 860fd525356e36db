// https://ircv3.net/specs/extensions/message-tags#the-tagmsg-tag-only-message
import { isOwn, tagActivity } from '../messages.ts';
import { shared } from '../shared-activities.ts';
import type { Incoming } from './incoming.ts';

export const tagmsg: Incoming = {
  commands: ['TAGMSG'],
  describe: tagActivity,
  receive(session, message, { requested }) {
    const activity = shared(session, message, tagActivity);
    if (!activity || requested) return;
    if (activity.type !== 'announce') session.tell(activity);
    else if (!isOwn(session, message)) session.push(activity);
  },
};
