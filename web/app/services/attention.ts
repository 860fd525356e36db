import type RouterService from '@ember/routing/router-service';
import Service, { service } from '@ember/service';
import type IntlService from 'ember-intl/services/intl';
import { isQuiet, paintFavicon } from '../lib/attention.ts';
import type { ServerAttention } from '../lib/server-attention.ts';
import { plainLine } from '../lib/markdown.ts';
import { mentions } from '../lib/text.ts';
import type { Conversation } from '../models/conversation.ts';
import type { Message } from '../models/message.ts';
import type { Space } from '../models/space.ts';
import type PreferencesService from './preferences.ts';
import type { Notify } from './preferences.ts';
import type SpacesService from './spaces.ts';
import type UiService from './ui.ts';

const markAfter = 800;

/** What is unread, whom it calls, and how loudly. */
export default class AttentionService extends Service {
  @service declare preferences: PreferencesService;
  @service declare intl: IntlService;
  @service declare spaces: SpacesService;
  @service declare router: RouterService;
  @service declare ui: UiService;
  private readonly marking = new Map<Conversation, number>();
  private loading: Promise<ServerAttention> | undefined;
  private stopFocus: (() => void) | undefined;

  /** What the appliance keeps for its teams' channels, else what this person's settings say. */
  levelOf(conversation: Conversation): Notify {
    return conversation.level ?? this.preferences.get('notify')[conversation.key] ?? (conversation.isChannel ? 'mentions' : 'all');
  }

  isMuted(conversation: Conversation): boolean {
    return this.levelOf(conversation) === 'none';
  }

  setLevel(conversation: Conversation, level: Notify): void {
    const before = conversation.level;
    this.preferences.change('notify', { ...this.preferences.get('notify'), [conversation.key]: level });
    if (conversation.channelId) {
      conversation.level = level;
      this.server()
        .then((server) => server.setLevel(conversation, level))
        .catch((error: unknown) => {
          conversation.level = before;
          this.ui.fail(error);
        });
    }
    if (level === 'none') conversation.mentionCount = 0;
    this.showCount();
  }

  /** The appliance counts for the channels of its teams; its part of the code is not in the first load. */
  private server(): Promise<ServerAttention> {
    this.loading ??= import('../lib/server-attention.ts').then(
      ({ ServerAttention: Server }) =>
        new Server(() => this.spaces.list, this.preferences, {
          onCounts: () => this.showCount(),
          onNewChannel: (space) => void this.spaces.adoptChannels(space).catch(() => undefined),
        }),
    );
    return this.loading;
  }

  /** Counts as the appliance has them, from now on kept fresh. */
  async start(): Promise<void> {
    const server = await this.server();
    // Soon: whoever else asks at the start (channels that are adopted, the window that is looked at) shares the one question.
    server.refreshSoon();
    this.stopFocus ??= server.watchFocus();
    await server.loadQuietHours().catch(() => undefined);
  }

  stop(): void {
    this.stopFocus?.();
    this.stopFocus = undefined;
    // What could not be marked yet is this account's, not the next one's.
    this.loading = undefined;
  }

  refreshSoon(): void {
    void this.server().then((server) => server.refreshSoon());
  }

  callsMe(conversation: Conversation, message: Message): boolean {
    if (message.mine || !message.isSaid) return false;
    if (!conversation.isChannel || mentions(message.content, conversation.space.connection.nick)) return true;
    return conversation.timeline.find(message.replyTo)?.mine === true;
  }

  open(conversation: Conversation): void {
    this.router.transitionTo('space.channel', ...conversation.models);
  }

  /** A message came in live. */
  arrived(conversation: Conversation, message: Message): void {
    if (message.mine) return this.read(conversation);
    if (conversation.isWatched) return this.readSoon(conversation);
    conversation.firstNew ??= message.key;
    this.count(conversation, message);
    if (this.isWorthANote(conversation, message)) this.note(conversation, message);
  }

  /** Counts a message that was not read. */
  count(conversation: Conversation, message: Message): void {
    if (message.mine || !message.isSaid || message.published <= conversation.readAt) return;
    conversation.unread++;
    if (this.callsMe(conversation, message) && !this.isMuted(conversation)) conversation.mentionCount++;
    this.showCount();
  }

  /** Everything in the conversation is read, here and in the account's other windows. */
  read(conversation: Conversation): void {
    clearTimeout(this.marking.get(conversation));
    this.marking.delete(conversation);
    conversation.isKeptUnread = false;
    const newest = conversation.timeline.messages.findLast((message) => message.id !== undefined);
    const changed = conversation.unread > 0 || (newest !== undefined && newest.published > conversation.readAt);
    conversation.unread = 0;
    conversation.mentionCount = 0;
    this.showCount();
    if (!newest || !changed) return;
    conversation.readAt = newest.published;
    this.preferences.change('markers', { ...this.preferences.get('markers'), [conversation.key]: newest.published });
    if (conversation.channelId) void this.server().then((server) => server.mark(conversation, newest.id as string));
    if (!conversation.can('markers')) return;
    const marker = { type: 'marker', id: newest.id as string, published: new Date(newest.published).toISOString() };
    conversation.space.connection.request('read', conversation.target, marker).catch(() => undefined);
  }

  readSoon(conversation: Conversation): void {
    if (this.marking.has(conversation)) return;
    this.marking.set(
      conversation,
      window.setTimeout(() => this.read(conversation), markAfter),
    );
  }

  readElsewhere(conversation: Conversation, upTo: number): void {
    if (upTo <= conversation.readAt) return;
    conversation.readAt = upTo;
    conversation.unread = 0;
    conversation.mentionCount = 0;
    for (const message of conversation.timeline.messages) this.count(conversation, message);
    if (conversation.channelId) this.refreshSoon();
    this.showCount();
  }

  /** From this message on everything is new again. */
  markUnread(conversation: Conversation, message: Message): void {
    clearTimeout(this.marking.get(conversation));
    this.marking.delete(conversation);
    conversation.isWatched = false;
    conversation.isKeptUnread = true;
    conversation.firstNew = message.key;
    conversation.readAt = message.published - 1;
    conversation.unread = 0;
    conversation.mentionCount = 0;
    for (const other of conversation.timeline.messages) this.count(conversation, other);
    this.showCount();
  }

  /** Where the line stands that says what is new. */
  markFirstNew(conversation: Conversation): void {
    const { readAt, timeline, unread } = conversation;
    if (unread > 0) conversation.firstNew = timeline.messages.find((one) => one.isSaid && !one.mine && one.published > readAt)?.key;
  }

  rememberDirect(space: Space, name: string): void {
    const directs = this.preferences.get('directs');
    const names = directs[space.id] ?? [];
    if (!names.includes(name)) this.preferences.change('directs', { ...directs, [space.id]: [...names, name] });
  }

  /** Title and favicon tell how often the person was called. */
  showCount(): void {
    const mentionCount = this.spaces.list.reduce((sum, space) => sum + space.mentionCount, 0);
    const unread = this.spaces.list.some((space) => space.all.some((one) => one.unread > 0 && !this.isMuted(one)));
    const title = document.title.replace(/^(\(\d+\)|•) /, '');
    document.title = mentionCount > 0 ? `(${mentionCount}) ${title}` : unread ? `• ${title}` : title;
    paintFavicon(mentionCount > 0 ? 'mention' : unread ? 'unread' : 'plain');
    void navigator.setAppBadge?.(mentionCount).catch(() => undefined);
  }

  private isWorthANote(conversation: Conversation, message: Message): boolean {
    const level = this.levelOf(conversation);
    if (level === 'none' || !message.isSaid || isQuiet(this.preferences.all, new Date())) return false;
    return level === 'all' || this.callsMe(conversation, message);
  }

  private note(conversation: Conversation, message: Message): void {
    const { sound, desktopNotes } = this.preferences.all;
    if (sound) void import('../lib/sound.ts').then(({ playSound }) => playSound());
    if (!desktopNotes || typeof Notification === 'undefined' || Notification.permission !== 'granted') return;
    const author = conversation.space.displayNameOf(message.author.name);
    const title = conversation.isChannel ? `${author} · #${conversation.title}` : author;
    const note = new Notification(title, {
      body: plainLine(message.content),
      tag: conversation.key,
      icon: '/icons/icon-192.png',
      silent: true,
    });
    note.onclick = () => {
      window.focus();
      this.open(conversation);
      note.close();
    };
  }
}

declare module '@ember/service' {
  interface Registry {
    attention: AttentionService;
  }
}
