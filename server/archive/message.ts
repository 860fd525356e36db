import type { Flag, MessageKind } from '../database/schema.ts';

export type { MessageKind };

/** A message as a server delivered it. */
export interface NewMessage {
  /** msgid (IRC) or stanza-id (XMPP); unique in the channel. */
  readonly id: string;
  /** The client's own id, where corrections name that (XEP-0308). */
  readonly originId?: string;
  readonly kind: MessageKind;
  readonly nick: string;
  /** Name of the account, where the server vouches for it. */
  readonly account?: string;
  readonly text: string;
  /** ISO 8601. */
  readonly sentAt: string;
  /** Id of the message that this one answers. */
  readonly replyTo?: string;
  /** Address of a file that the message carries beside its text. */
  readonly attachment?: string;
}

export interface Reaction {
  readonly emoji: string;
  /** In the order of reacting. */
  readonly nicks: readonly string[];
}

/** A message as the archive gives it out. */
export interface Message {
  readonly id: string;
  /** Id of the channel. */
  readonly channel: string;
  readonly kind: MessageKind;
  readonly nick: string;
  readonly account: string | null;
  /** As it stands after edits; empty once deleted. */
  readonly text: string;
  readonly sentAt: string;
  readonly replyTo: string | null;
  readonly attachment: string | null;
  readonly editedAt: string | null;
  readonly deletedAt: string | null;
  readonly reactions: readonly Reaction[];
}

/** What people say; the rest tells what happened in the channel. */
export const spokenKinds = ['text', 'action', 'notice'] as const satisfies readonly MessageKind[];

export function isSpoken(kind: MessageKind): boolean {
  return (spokenKinds as readonly MessageKind[]).includes(kind);
}

export interface MessageRow {
  position: number;
  channel: number;
  server_id: string;
  kind: MessageKind;
  nick: string;
  account: string | null;
  text: string;
  reply_to: string | null;
  attachment: string | null;
  sent_at: string;
  edited_at: string | null;
  deleted_at: string | null;
}

export const messageColumns = [
  ...(['position', 'channel', 'server_id', 'kind', 'nick', 'account', 'text'] as const),
  ...(['reply_to', 'attachment', 'sent_at', 'edited_at', 'deleted_at'] as const),
] as const;

export function presentMessage(row: MessageRow, channelId: string, reactions: readonly Reaction[]): Message {
  return {
    id: row.server_id,
    channel: channelId,
    kind: row.kind,
    nick: row.nick,
    account: row.account,
    text: row.text,
    sentAt: row.sent_at,
    replyTo: row.reply_to,
    attachment: row.attachment,
    editedAt: row.edited_at,
    deletedAt: row.deleted_at,
    reactions,
  };
}

/** Account, or nick where there is none: who a message is from, for search and for who may edit. */
export function senderOf({ nick, account }: { nick: string; account?: string | null | undefined }): string {
  return (account ?? nick).toLowerCase();
}

/** More than any server of ours delivers in one message. */
export const LONGEST_TEXT = 65_536;

/** Bounded, and without NUL, which PostgreSQL does not store. */
export function clean(text: string, longest: number): string {
  return text.replaceAll('\0', '').slice(0, longest);
}

const link = /https?:\/\/[^\s<>"]+/gi;
const file =
  /\/(?:upload|file_share|storage)\/|\.(?:png|jpe?g|gif|webp|avif|svg|mp[34]|webm|ogg|wav|pdf|docx?|xlsx?|pptx?|odt|ods|zip|tar|gz|txt|csv)(?:[?#]|$)/i;

export function linksIn(text: string): string[] {
  return text.match(link) ?? [];
}

/** What `has:link` and `has:file` find. */
export function flagsOf(text: string, attachment: string | null | undefined): { has_link: Flag; has_file: Flag } {
  const links = linksIn(text);
  const hasFile = Boolean(attachment) || links.some((address) => file.test(address));
  return { has_link: links.length > 0 ? 1 : 0, has_file: hasFile ? 1 : 0 };
}

/** Positions of one millisecond, and so how many messages of one may be told apart. */
export const PER_MILLISECOND = 1024;

export function positionAt(milliseconds: number): number {
  return milliseconds * PER_MILLISECOND;
}

/** Milliseconds of a position. */
export function timeOf(position: number): number {
  return Math.floor(position / PER_MILLISECOND);
}
