// https://modern.ircdocs.horse/#topic-message
import type { Activity } from '../../platform.ts';
import { roomOf, sourceOf, timeOf } from '../activities.ts';
import { nickOf, type IrcMessage } from '../connection/message.ts';
import type { IrcSession } from '../session.ts';
import type { Incoming } from './incoming.ts';

function topicActivity(session: IrcSession, message: IrcMessage): Activity {
  const [name = '', content = ''] = message.params;
  return {
    type: 'update',
    actor: sourceOf(session, message),
    target: roomOf(session, name),
    object: { type: 'topic', content },
    published: timeOf(message),
  };
}

export const topic: Incoming = {
  commands: ['TOPIC'],
  describe: topicActivity,
  receive(session, message) {
    const [name = '', content = ''] = message.params;
    const room = session.findRoom(name);
    if (room) Object.assign(room, { topic: content, topicBy: nickOf(message.source), topicAt: timeOf(message) });
    session.tell(topicActivity(session, message));
  },
};

/** RPL_NOTOPIC, RPL_TOPIC, RPL_TOPICWHOTIME: what a room has when it is entered. */
export const topicIs: Incoming = {
  commands: ['331', '332', '333'],
  receive(session, { command, params }) {
    const [, name = '', text = '', since = ''] = params;
    const room = session.findRoom(name);
    if (!room) return;
    if (command === '333') {
      room.topicBy = nickOf(text);
      room.topicAt = /^\d{1,11}$/.test(since) ? new Date(Number(since) * 1000).toISOString() : undefined;
    } else room.topic = command === '332' ? text : '';
  },
};
