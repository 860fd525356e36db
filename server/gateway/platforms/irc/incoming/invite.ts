// https://modern.ircdocs.horse/#invite-message, https://ircv3.net/specs/extensions/invite-notify
import { personOf, roomOf, sourceOf, timeOf } from '../activities.ts';
import type { Incoming } from './incoming.ts';

export const invite: Incoming = {
  commands: ['INVITE'],
  receive(session, message) {
    const [nick = '', name = ''] = message.params;
    session.push({
      type: 'invite',
      actor: sourceOf(session, message),
      target: roomOf(session, name),
      object: personOf(session, nick),
      published: timeOf(message),
    });
  },
};
