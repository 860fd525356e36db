// https://ircv3.net/specs/extensions/message-redaction (draft)
import type { Activity } from '../../platform.ts';
import { sourceOf, targetOf, timeOf } from '../activities.ts';
import type { IrcMessage } from '../connection/message.ts';
import type { IrcSession } from '../session.ts';
import type { Incoming } from './incoming.ts';

export function redactActivity(session: IrcSession, message: IrcMessage): Activity {
  const [target = '', id = '', reason] = message.params;
  return {
    type: 'delete',
    actor: sourceOf(session, message),
    target: targetOf(session, target),
    // Who may not delete it, the server refused.
    object: { type: 'message', id, verified: true, ...(reason ? { content: reason } : {}) },
    published: timeOf(message),
  };
}

export const redact: Incoming = {
  commands: ['REDACT'],
  describe: redactActivity,
  receive(session, message, { requested }) {
    if (!requested) session.tell(redactActivity(session, message));
  },
};
