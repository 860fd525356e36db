// https://modern.ircdocs.horse/#rplnamreply-353, #rplendofnames-366, https://ircv3.net/specs/extensions/whox
import { nickOf } from '../connection/message.ts';
import { occupantOf } from '../rooms.ts';
import type { Incoming } from './incoming.ts';

export const names: Incoming = {
  commands: ['353'],
  receive(session, { params }) {
    const room = session.findRoom(params[2] ?? '');
    if (!room) return;
    const known = new Set(session.isupport.prefixes.map(([, prefix]) => prefix));
    for (const entry of (params[3] ?? '').split(' ').filter(Boolean)) {
      let start = 0;
      while (known.has(entry.charAt(start))) start += 1;
      const nick = nickOf(entry.slice(start));
      const folded = session.isupport.fold(nick);
      const before = room.find(folded);
      room.put(folded, occupantOf(nick, entry.slice(0, start), before?.account, before?.away));
    }
  },
};

export const namesEnd: Incoming = {
  commands: ['366'],
  receive(session, { params }) {
    const room = session.findRoom(params[1] ?? '');
    if (room) session.completeRoom(room);
  },
};

/** The fields that `whoRoom` asks for: channel, nick, flags, account. */
export const WHOX_FIELDS = '%cnfa';

export const who: Incoming = {
  commands: ['354'],
  receive(session, { params }) {
    const [, channel = '', nick = '', flags = '', account = '0'] = params;
    const room = session.findRoom(channel);
    const folded = session.isupport.fold(nick);
    const occupant = room?.find(folded);
    if (!room || !occupant) return;
    const away = flags.startsWith('G') ? (occupant.away ?? '') : undefined;
    room.put(folded, occupantOf(occupant.nick, occupant.prefixes, account === '0' ? undefined : account, away));
  },
};
