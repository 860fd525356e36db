// https://modern.ircdocs.horse/#privmsg-message, https://modern.ircdocs.horse/#notice-message
import { isOwn, messageActivity, noteSeen } from '../messages.ts';
import { shared } from '../shared-activities.ts';
import type { Incoming } from './incoming.ts';

export const privmsg: Incoming = {
  commands: ['PRIVMSG', 'NOTICE'],
  describe: messageActivity,
  receive(session, message, { requested }) {
    const activity = shared(session, message, messageActivity);
    if (!activity) return;
    // A service answers within the reply to what it was told; only the own copy is the acknowledgement.
    if (requested && isOwn(session, message)) noteSeen(session, activity);
    else session.tell(activity);
  },
};
