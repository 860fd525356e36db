import { tracked } from '@glimmer/tracking';
import type { Attachment } from '../lib/activity.ts';

export interface Author {
  name: string;
  /** The account behind the name, where the server tells it. */
  account?: string;
}

/** Something that happened in a channel beside what was said. */
export interface Happening {
  type: 'join' | 'leave' | 'kick' | 'topic' | 'nick' | 'role';
  by?: string;
  detail?: string;
}

export type MessageKind = 'text' | 'me' | 'notice' | 'happening';
export type MessageState = 'sending' | 'sent' | 'failed';

export interface MessageFields {
  id?: string;
  originId?: string;
  kind: MessageKind;
  author: Author;
  content: string;
  published: number;
  mine: boolean;
  replyTo?: string;
  attachments?: readonly Attachment[];
  happening?: Happening;
  state?: MessageState;
}

let count = 0;

/** One line of a conversation. What may change after it was said is tracked. */
export class Message {
  /** Stays while `id` goes from none to the server's. */
  readonly key: string;
  readonly originId: string | undefined;
  readonly kind: MessageKind;
  readonly author: Author;
  readonly mine: boolean;
  readonly replyTo: string | undefined;
  readonly attachments: readonly Attachment[];
  readonly happening: Happening | undefined;
  published: number;

  @tracked id: string | undefined;
  @tracked content: string;
  @tracked state: MessageState;
  @tracked failure = '';
  /** It waits for a connection and goes by itself. */
  @tracked isWaiting = false;
  @tracked isEdited = false;
  @tracked isDeleted = false;
  /** Emoji → names of those who reacted with it, in order. */
  @tracked reactions: ReadonlyMap<string, readonly string[]> = new Map();

  constructor(fields: MessageFields) {
    this.key = `m${++count}`;
    this.id = fields.id;
    this.originId = fields.originId;
    this.kind = fields.kind;
    this.author = fields.author;
    this.content = fields.content;
    this.published = fields.published;
    this.mine = fields.mine;
    this.replyTo = fields.replyTo;
    this.attachments = fields.attachments ?? [];
    this.happening = fields.happening;
    this.state = fields.state ?? 'sent';
  }

  get isSaid(): boolean {
    return this.kind !== 'happening';
  }

  isFrom(author: Author): boolean {
    if (this.author.account && author.account) return this.author.account === author.account;
    return this.author.name === author.name;
  }

  correct(content: string): void {
    this.content = content;
    this.isEdited = true;
  }

  react(emoji: string, name: string): void {
    const names = this.reactions.get(emoji) ?? [];
    if (!names.includes(name)) this.reactions = new Map(this.reactions).set(emoji, [...names, name]);
  }

  unreact(emoji: string, name: string): void {
    const names = (this.reactions.get(emoji) ?? []).filter((other) => other !== name);
    const reactions = new Map(this.reactions);
    if (names.length > 0) reactions.set(emoji, names);
    else reactions.delete(emoji);
    this.reactions = reactions;
  }
}
