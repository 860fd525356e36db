import type { Activity, ActivityObject } from '../platform.ts';
import { sourceOf, targetOf, timeOf } from './activities.ts';
import { messagesOf, type Batch } from './connection/batches.ts';
import { nickOf, type IrcMessage } from './connection/message.ts';
import type { IrcSession } from './session.ts';
import { readText } from './text.ts';

/** Client tags that carry what IRC has no command for (https://ircv3.net/registry#tags). */
export const tags = {
  reply: '+draft/reply',
  react: '+draft/react',
  unreact: '+draft/unreact',
  typing: '+typing',
  /** Ours: the text replaces the message with that id. Clients that do not know it show a further message. */
  replaces: '+kosmos.org/replaces',
} as const;

/** `send` or a correction, for one PRIVMSG or NOTICE. Undefined for CTCP that is no text. */
export function messageActivity(session: IrcSession, message: IrcMessage): Activity | undefined {
  const [target = '', text = ''] = message.params;
  return activityOf(session, message, target, message.command, text);
}

/** The same for a multiline batch (https://ircv3.net/specs/extensions/multiline, draft). */
export function multilineActivity(session: IrcSession, batch: Batch): Activity | undefined {
  const messages = messagesOf(batch);
  const [first] = messages;
  if (!first) return undefined;
  const text = messages
    .map(({ params, tags: own }, index) => (index === 0 || 'draft/multiline-concat' in own ? '' : '\n') + (params[1] ?? ''))
    .join('');
  const opening = { ...batch.opening, source: batch.opening.source || first.source };
  return activityOf(session, opening, batch.params[0] ?? '', first.command, text);
}

function activityOf(session: IrcSession, message: IrcMessage, to: string, command: string, text: string): Activity | undefined {
  const read = readText(command, text);
  if (!read) return undefined;
  const id = message.tags['msgid'] ?? session.makeId();
  const replaced = message.tags[tags.replaces];
  const replyTo = message.tags[tags.reply];
  const object: ActivityObject = { type: read.kind, id, content: read.content, ...(replyTo === undefined ? {} : { replyTo }) };
  return {
    type: replaced === undefined ? 'send' : 'update',
    actor: sourceOf(session, message),
    target: targetOf(session, to),
    object: replaced === undefined ? object : { ...object, type: 'message', id: replaced, correctionId: id },
    published: timeOf(message),
  };
}

/** Reactions and typing (https://ircv3.net/specs/client-tags/react, …/typing): TAGMSG without a text. */
export function tagActivity(session: IrcSession, message: IrcMessage): Activity | undefined {
  const object = tagObject(message.tags);
  if (!object) return undefined;
  const type = object.type === 'typing' ? 'announce' : message.tags[tags.unreact] === undefined ? 'add' : 'remove';
  const [target = ''] = message.params;
  return { type, actor: sourceOf(session, message), target: targetOf(session, target), object, published: timeOf(message) };
}

function tagObject(own: IrcMessage['tags']): ActivityObject | undefined {
  const reaction = own[tags.react] ?? own[tags.unreact];
  const id = own[tags.reply];
  if (reaction !== undefined && reaction !== '' && id !== undefined) return { type: 'reaction', id, content: reaction };
  const state = own[tags.typing];
  return state === 'active' || state === 'paused' || state === 'done' ? { type: 'typing', state } : undefined;
}

/** Where the newest message stands, for the time after a reconnection. */
export function noteSeen(session: IrcSession, activity: Activity): void {
  const { target, published = '' } = activity;
  if (session.catchUp.isExpecting(activity)) return;
  if (target?.type !== 'room') {
    if (published > (session.lastHeard ?? '')) session.lastHeard = published;
    return;
  }
  const wanted = session.wanted.get(session.isupport.fold(target.name ?? ''));
  if (wanted && published > (wanted.lastSeen ?? '')) wanted.lastSeen = published;
}

export function isOwn(session: IrcSession, message: IrcMessage): boolean {
  return session.isupport.fold(nickOf(message.source)) === session.isupport.fold(session.nick);
}
