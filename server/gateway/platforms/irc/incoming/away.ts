// https://ircv3.net/specs/extensions/away-notify, https://ircv3.net/specs/extensions/account-notify
import { sourceOf, timeOf } from '../activities.ts';
import { nickOf } from '../connection/message.ts';
import { occupantOf, type Occupant } from '../rooms.ts';
import type { IrcSession } from '../session.ts';
import type { Incoming } from './incoming.ts';

function changeEverywhere(session: IrcSession, nick: string, change: (occupant: Occupant) => Occupant): void {
  const folded = session.isupport.fold(nick);
  for (const room of session.allRooms()) {
    const occupant = room.find(folded);
    if (occupant) room.put(folded, change(occupant));
  }
}

export const away: Incoming = {
  commands: ['AWAY'],
  receive(session, message, { requested }) {
    const [content] = message.params;
    const reason = content === undefined || content === '' ? undefined : content;
    changeEverywhere(session, nickOf(message.source), (was) => occupantOf(was.nick, was.prefixes, was.account, reason));
    if (requested) return;
    session.push({
      type: 'update',
      actor: sourceOf(session, message),
      object: {
        type: 'presence',
        presence: reason === undefined ? 'online' : 'away',
        ...(reason === undefined ? {} : { content: reason }),
      },
      published: timeOf(message),
    });
  },
};

export const account: Incoming = {
  commands: ['ACCOUNT'],
  receive(session, message) {
    const [name = '*'] = message.params;
    const fresh = name === '*' ? undefined : name;
    changeEverywhere(session, nickOf(message.source), (was) => occupantOf(was.nick, was.prefixes, fresh, was.away));
  },
};

/** https://ircv3.net/specs/extensions/setname */
export const setname: Incoming = {
  commands: ['SETNAME'],
  receive(session, message) {
    session.push({
      type: 'update',
      actor: sourceOf(session, message),
      object: { type: 'profile', name: message.params[0] ?? '' },
      published: timeOf(message),
    });
  },
};
