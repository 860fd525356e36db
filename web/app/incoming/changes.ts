import { type Activity, nameOf } from '../lib/activity.ts';
import type { Conversation } from '../models/conversation.ts';
import type { Message } from '../models/message.ts';

/** Whether an activity changes a message that was said before. */
export function isChange({ type, object }: Activity): boolean {
  if (type === 'delete') return true;
  if (type === 'update') return object?.type === 'message';
  return (type === 'add' || type === 'remove') && object?.type === 'reaction';
}

/** Applies a correction, deletion or reaction; one whose message is not known (yet) is kept for when it comes. */
export function applyChange(activity: Activity, conversation: Conversation): void {
  const id = activity.object?.id;
  if (!id) return;
  const message = conversation.timeline.find(id);
  if (message) change(message, activity);
  else conversation.orphans.set(id, [...(conversation.orphans.get(id) ?? []), activity]);
}

export function adoptOrphans(messages: readonly Message[], conversation: Conversation): void {
  for (const message of messages) {
    const changes = message.id === undefined ? undefined : conversation.orphans.get(message.id);
    if (!changes) continue;
    for (const activity of changes) change(message, activity);
    conversation.orphans.delete(message.id as string);
  }
}

function change(message: Message, { type, actor, object }: Activity): void {
  const name = nameOf(actor);
  if (type === 'add') message.react(object?.content ?? '', name);
  else if (type === 'remove') message.unreact(object?.content ?? '', name);
  else if (!object?.['verified'] && !isAuthor(message, actor, name)) return;
  else if (type === 'delete') message.isDeleted = true;
  else message.correct(object?.content ?? '');
}

/** Anybody may send a correction or take a message back; only the author's counts, and what the server itself checked. */
function isAuthor(message: Message, actor: Activity['actor'], name: string): boolean {
  const account = actor['account'];
  return message.isFrom(typeof account === 'string' ? { name, account } : { name });
}
