import { type Activity, type ActivityObject, type Attachment, nameOf } from '../lib/activity.ts';
import type { Connection } from '../models/connection.ts';
import { type Happening, Message, type MessageFields, type MessageKind } from '../models/message.ts';
import { withFiles } from './files.ts';

const kinds: Record<string, MessageKind> = { message: 'text', me: 'me', notice: 'notice' };

function timeOf(activity: Activity): number {
  const time = activity.published ? Date.parse(activity.published) : NaN;
  return Number.isNaN(time) ? Date.now() : time;
}

function authorOf(actor: ActivityObject): MessageFields['author'] {
  const account = actor['account'];
  return typeof account === 'string' ? { name: nameOf(actor), account } : { name: nameOf(actor) };
}

function attachmentsOf(object: ActivityObject): Attachment[] {
  const list = object['attachments'];
  return Array.isArray(list) ? (list as Attachment[]).filter(({ url }) => /^https?:\/\//i.test(url)) : [];
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The message that a `send` tells of. */
export function saidIn(activity: Activity, connection: Connection): Message | undefined {
  const { object } = activity;
  const kind = object && kinds[object.type];
  if (!object || !kind) return undefined;
  const fields: MessageFields = {
    kind,
    author: authorOf(activity.actor),
    published: timeOf(activity),
    mine: connection.isMe(activity.actor),
    ...withFiles(object.content ?? '', attachmentsOf(object)),
  };
  const [id, originId, replyTo] = [text(object.id), text(object['originId']), text(object['replyTo'])];
  if (id) fields.id = id;
  if (originId) fields.originId = originId;
  if (replyTo) fields.replyTo = replyTo;
  return new Message(fields);
}

function happeningOf(activity: Activity): Happening | undefined {
  const { type, object } = activity;
  if (type === 'join') return { type: 'join' };
  if (type === 'leave') {
    const by = object?.['by'] as ActivityObject | undefined;
    const isForced = object?.['how'] === 'kick' || object?.['how'] === 'ban';
    const happening: Happening = { type: isForced ? 'kick' : 'leave' };
    if (by) happening.by = nameOf(by);
    if (object?.content) happening.detail = object.content;
    return happening;
  }
  if (type === 'update' && object?.type === 'topic') return { type: 'topic', detail: object.content ?? '' };
  if (type === 'update' && object?.type === 'address') return { type: 'nick', detail: nameOf(activity.target) };
  return undefined;
}

/** The line for something that happened; undefined for what needs none. */
export function happenedIn(activity: Activity, connection: Connection): Message | undefined {
  const happening = happeningOf(activity);
  if (!happening) return undefined;
  return new Message({
    kind: 'happening',
    author: authorOf(activity.actor),
    content: '',
    published: timeOf(activity),
    mine: connection.isMe(activity.actor),
    happening,
  });
}
