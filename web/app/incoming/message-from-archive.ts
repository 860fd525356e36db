import { Message } from '../models/message.ts';
import type { Connection } from '../models/connection.ts';
import { withFiles } from './files.ts';

/** A message as the archive's API gives it. */
export interface ArchivedMessage {
  id: string;
  kind: 'text' | 'action' | 'notice' | 'join' | 'leave' | 'topic';
  nick: string;
  account: string | null;
  text: string;
  sentAt: string;
  replyTo: string | null;
  attachment: string | null;
  editedAt: string | null;
  deletedAt: string | null;
  reactions: { emoji: string; nicks: string[] }[];
}

const kinds = { text: 'text', action: 'me', notice: 'notice' } as const;

/** Undefined for what was not said. */
export function messageFromArchive(archived: ArchivedMessage, connection: Connection): Message | undefined {
  const { id, nick, account, replyTo, attachment } = archived;
  const kind = archived.kind in kinds ? kinds[archived.kind as keyof typeof kinds] : undefined;
  if (!kind) return undefined;
  const message = new Message({
    id,
    kind,
    author: account ? { name: nick, account } : { name: nick },
    published: Date.parse(archived.sentAt),
    mine: connection.isMe({ type: 'person', name: nick, ...(account ? { account } : {}) }),
    ...(replyTo ? { replyTo } : {}),
    ...withFiles(archived.text, attachment && /^https?:\/\//i.test(attachment) ? [{ url: attachment }] : []),
  });
  message.isEdited = archived.editedAt !== null;
  message.isDeleted = archived.deletedAt !== null;
  message.reactions = new Map(archived.reactions.map(({ emoji, nicks }) => [emoji, nicks]));
  return message;
}
