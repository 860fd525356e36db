// https://modern.ircdocs.horse/#privmsg-message, https://modern.ircdocs.horse/#notice-message
import { messageActivity, noteSeen } from '../messages.ts';
import { shared } from '../shared-activities.ts';
import type { Incoming } from './incoming.ts';

export const privmsg: Incoming = {
  commands: ['PRIVMSG', 'NOTICE'],
  describe: messageActivity,
  receive(session, message, { requested }) {
    const activity = shared(session, message, messageActivity);
    if (!activity) return;
    noteSeen(session, activity);
    if (!requested) session.push(activity);
  },
};
