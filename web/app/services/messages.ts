import Service, { service } from '@ember/service';
import { messageOf } from '../lib/forms.ts';
import { type ActivityObject, type Attachment, GatewayError } from '../lib/activity.ts';
import { dropUnsent, keepUnsent, type Unsent, unsent } from '../lib/outbox.ts';
import type { Conversation } from '../models/conversation.ts';
import { Message, type MessageKind } from '../models/message.ts';
import type AttentionService from './attention.ts';
import type PreferencesService from './preferences.ts';
import type TimelinesService from './timelines.ts';

/** A typing note is repeated no more often than this. */
const typingEvery = 3_000;
/** A message that is written while the connection is being made waits this long for it. */
const sendPatience = 10_000;
const closeBy = 2 * 60_000;

export interface Said {
  content: string;
  kind?: MessageKind;
  replyTo?: Message;
  attachments?: readonly Attachment[];
}

/** Everything that a person does with messages. */
export default class MessagesService extends Service {
  @service declare preferences: PreferencesService;
  @service declare attention: AttentionService;
  @service declare timelines: TimelinesService;
  private typedAt = 0;

  /** Shows the message at once and sends it. */
  send(conversation: Conversation, said: Said): Message {
    const { connection } = conversation.space;
    const author = connection.account ? { name: connection.nick, account: connection.account } : { name: connection.nick };
    const message = new Message({
      kind: said.kind ?? 'text',
      author,
      content: said.content,
      published: this.now(conversation),
      mine: true,
      originId: `c-${crypto.randomUUID()}`,
      state: 'sending',
      ...(said.replyTo?.id ? { replyTo: said.replyTo.id } : {}),
      ...(said.attachments ? { attachments: said.attachments } : {}),
    });
    conversation.timeline.merge([message]);
    if (!said.attachments) keepUnsent(asUnsent(conversation, message));
    conversation.firstNew = undefined;
    // Who writes is here.
    if (connection.isAway) connection.setAway('').catch(() => undefined);
    this.typedAt = 0;
    void this.deliver(conversation, message);
    if (!conversation.timeline.isAtEnd) void this.timelines.toPresent(conversation);
    return message;
  }

  retry(conversation: Conversation, message: Message): void {
    message.state = 'sending';
    message.failure = '';
    message.isWaiting = false;
    void this.deliver(conversation, message);
  }

  discard(conversation: Conversation, message: Message): void {
    dropUnsent(message.originId);
    conversation.timeline.remove(message);
  }

  /** The conversation is joined: what waited for that goes now. */
  resend(conversation: Conversation): void {
    for (const message of conversation.timeline.messages) if (message.isWaiting) this.retry(conversation, message);
  }

  /** What was written in an earlier life of the page and did not arrive stands there to be sent again. */
  restoreUnsent(conversation: Conversation): void {
    const { connection } = conversation.space;
    for (const { originId, conversation: key, ...kept } of unsent()) {
      if (key !== conversation.key) continue;
      const present = conversation.timeline.findOrigin(originId) ?? arrived(conversation, kept);
      if (present?.state === 'sent') dropUnsent(originId);
      if (present) continue;
      const author = connection.account ? { name: connection.nick, account: connection.account } : { name: connection.nick };
      const message = new Message({ ...kept, author, mine: true, originId, state: 'failed' });
      conversation.timeline.merge([message]);
    }
  }

  async correct(conversation: Conversation, message: Message, content: string): Promise<void> {
    const before = message.content;
    message.correct(content);
    try {
      await this.request(conversation, 'update', { type: 'message', id: message.id as string, content });
    } catch (error) {
      message.content = before;
      throw error;
    }
  }

  async remove(conversation: Conversation, message: Message): Promise<void> {
    await this.request(conversation, 'delete', { type: 'message', id: message.id as string });
    message.isDeleted = true;
  }

  /** Sets one's reaction, or takes it back. */
  async react(conversation: Conversation, message: Message, emoji: string): Promise<void> {
    const me = conversation.space.connection.nick;
    const has = message.reactions.get(emoji)?.includes(me) ?? false;
    if (has) message.unreact(emoji, me);
    else message.react(emoji, me);
    if (!has) this.rememberEmoji(emoji);
    try {
      await this.request(conversation, has ? 'remove' : 'add', { type: 'reaction', id: message.id as string, content: emoji });
    } catch (error) {
      if (has) message.react(emoji, me);
      else message.unreact(emoji, me);
      throw error;
    }
  }

  /** Tells the others that something is being written. */
  typing(conversation: Conversation, isActive: boolean): void {
    if (!conversation.can('typing') || !this.preferences.get('sendTyping')) return;
    const now = Date.now();
    if (isActive ? now - this.typedAt < typingEvery : this.typedAt === 0) return;
    this.typedAt = isActive ? now : 0;
    this.request(conversation, 'announce', { type: 'typing', state: isActive ? 'active' : 'done' }).catch(() => undefined);
  }

  rememberEmoji(emoji: string): void {
    const others = this.preferences.get('recentEmoji').filter((other) => other !== emoji);
    this.preferences.change('recentEmoji', [emoji, ...others].slice(0, 18));
  }

  private async deliver(conversation: Conversation, message: Message): Promise<void> {
    const { kind, content, originId, replyTo, attachments } = message;
    const object: ActivityObject = { type: kind === 'text' ? 'message' : kind, content, id: originId as string };
    if (replyTo) object['replyTo'] = replyTo;
    if (attachments.length > 0) object['attachments'] = attachments;
    try {
      await conversation.whenJoined(sendPatience);
      const answer = await conversation.space.connection.request('send', conversation.target, object, originId);
      const published = answer.published ? Date.parse(answer.published) : undefined;
      conversation.timeline.settle(message, answer.object?.id, published);
      dropUnsent(originId);
      this.attention.read(conversation);
    } catch (error) {
      if (message.state === 'sent') return;
      message.state = 'failed';
      message.failure = messageOf(error);
      message.isWaiting = error instanceof GatewayError && error.isUnsent;
    }
  }

  /** Never before what is on screen, whatever this machine's clock says. */
  private now(conversation: Conversation): number {
    return Math.max(Date.now(), (conversation.timeline.newest?.published ?? 0) + 1);
  }

  private request(conversation: Conversation, type: string, object: ActivityObject) {
    return conversation.space.connection.request(type, conversation.target, object);
  }
}

/** Not every server gives back what we called a message: the same words at the same time are the same message. */
function arrived({ timeline }: Conversation, { content, published }: Pick<Unsent, 'content' | 'published'>): Message | undefined {
  return timeline.messages.findLast(
    (message) => message.mine && message.content === content && Math.abs(message.published - published) < closeBy,
  );
}

function asUnsent({ key }: Conversation, { originId, kind, content, replyTo, published }: Message): Unsent {
  return { conversation: key, originId: originId as string, kind, content, published, ...(replyTo ? { replyTo } : {}) };
}

declare module '@ember/service' {
  interface Registry {
    messages: MessagesService;
  }
}
