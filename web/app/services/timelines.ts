import Service, { service } from '@ember/service';
import { type ArchivedMessage, messageFromArchive } from '../incoming/message-from-archive.ts';
import type { Activity } from '../lib/activity.ts';
import { api, path } from '../lib/api.ts';
import type { Conversation } from '../models/conversation.ts';
import type { Message } from '../models/message.ts';
import type AttentionService from './attention.ts';
import type IncomingService from './incoming.ts';
import type MessagesService from './messages.ts';

const pageSize = 50;
/** Most pages asked for at once to close a gap; a longer one starts the window anew at the present. */
const gapPages = 4;

interface ServerPage {
  items: Activity[];
  complete: boolean;
}

interface ArchivePage {
  messages: ArchivedMessage[];
  hasBefore: boolean;
  hasAfter: boolean;
}

type Cursor = Partial<Record<'before' | 'after' | 'around', string>>;

/**
 * Moves the window of each conversation over its history. A team's channel has all of it in the archive, and the last moments
 * on its server; anything else has what its server keeps.
 */
export default class TimelinesService extends Service {
  @service declare incoming: IncomingService;
  @service declare attention: AttentionService;
  @service declare messages: MessagesService;

  /** The newest page, if nothing is there yet. */
  async open(conversation: Conversation): Promise<void> {
    const { timeline } = conversation;
    if (timeline.isLoaded || timeline.loading !== 'none' || conversation.joined !== 'yes') return;
    timeline.loading = 'older';
    try {
      const [recent, archived] = await Promise.all([this.askServer(conversation, {}), this.findArchived(conversation, {})]);
      if (archived) this.take(conversation, archived, 'newer');
      this.incoming.takeHistory(conversation, recent.items, 'newer');
      timeline.isAtStart = archived ? !archived.hasBefore : recent.complete;
      timeline.isLoaded = true;
      this.attention.markFirstNew(conversation);
      this.messages.restoreUnsent(conversation);
    } finally {
      timeline.loading = 'none';
    }
  }

  async older(conversation: Conversation): Promise<void> {
    const { timeline } = conversation;
    if (timeline.isAtStart || timeline.loading !== 'none' || !timeline.isLoaded) return;
    const from = timeline.messages.find(({ id }) => id !== undefined);
    if (!from) return;
    timeline.loading = 'older';
    try {
      const archived = await this.findArchived(conversation, { before: from.id as string });
      if (archived) {
        const fresh = this.take(conversation, archived, 'older');
        timeline.isAtStart = !archived.hasBefore || fresh.length === 0;
        return;
      }
      const page = await this.askServer(conversation, { before: from.id as string });
      const fresh = this.incoming.takeHistory(conversation, page.items, 'older');
      timeline.isAtStart = page.complete || fresh.length === 0;
    } finally {
      timeline.loading = 'none';
    }
  }

  async newer(conversation: Conversation): Promise<void> {
    const { timeline } = conversation;
    if (timeline.isAtEnd || timeline.loading !== 'none') return;
    const from = timeline.messages.findLast(({ id }) => id !== undefined);
    if (!from) return;
    timeline.loading = 'newer';
    try {
      const archived = await this.findArchived(conversation, { after: from.id as string });
      if (archived?.hasAfter) return void this.take(conversation, archived, 'newer');
      if (archived) this.take(conversation, archived, 'newer');
      const page = await this.askServer(conversation, { after: timeline.newest?.id ?? (from.id as string) });
      this.incoming.takeHistory(conversation, page.items, 'newer');
      timeline.isAtEnd = page.complete || page.items.length === 0;
    } finally {
      timeline.loading = 'none';
    }
  }

  /** Keeps what was read for when there is no connection. */
  readonly keep = (conversation: Conversation): Promise<void> =>
    import('../lib/offline-store.ts').then(({ keep }) => keep(conversation)).catch(() => undefined);

  /** The window around one message, for a jump to it. Resolves with whether it was found. */
  async around(conversation: Conversation, id: string): Promise<boolean> {
    const { timeline } = conversation;
    if (timeline.find(id)) return true;
    const archived = await this.findArchived(conversation, { around: id });
    if (archived?.messages.some((message) => message.id === id)) {
      timeline.reset();
      this.take(conversation, archived, 'older');
      timeline.isAtStart = !archived.hasBefore;
      timeline.isAtEnd = false;
      timeline.isLoaded = true;
      return true;
    }
    return this.searchServer(conversation, id);
  }

  async toPresent(conversation: Conversation): Promise<void> {
    if (conversation.timeline.isAtEnd) return;
    conversation.timeline.reset();
    await this.open(conversation);
  }

  /** What was said while nobody listened: counted, and put where a window is open. */
  async catchUp(conversation: Conversation): Promise<void> {
    const { timeline } = conversation;
    try {
      if (timeline.isLoaded && timeline.isAtEnd) await this.closeGap(conversation);
      else if (!conversation.channelId || conversation.isOpen) await this.open(conversation);
      if (!conversation.channelId) this.recount(conversation);
      else if (conversation.isWatched) this.attention.read(conversation);
      this.messages.resend(conversation);
    } catch {
      // The connection says how it stands; the next comeback tries again.
    }
  }

  private recount(conversation: Conversation): void {
    const { timeline } = conversation;
    if (conversation.isWatched) return this.attention.read(conversation);
    if (conversation.readAt === 0) {
      conversation.readAt = timeline.newest?.published ?? Date.now();
      return;
    }
    conversation.unread = 0;
    conversation.mentionCount = 0;
    for (const message of timeline.messages) this.attention.count(conversation, message);
    this.attention.markFirstNew(conversation);
  }

  private async closeGap(conversation: Conversation): Promise<void> {
    const { timeline } = conversation;
    for (let page = 0; page < gapPages; page++) {
      const from = timeline.messages.findLast(({ id }) => id !== undefined);
      if (!from) break;
      const { items, complete } = await this.askServer(conversation, { after: from.id as string });
      this.incoming.takeHistory(conversation, items, 'newer');
      if (complete || items.length === 0) return;
    }
    timeline.reset();
    await this.open(conversation);
  }

  /** By walking back a few pages, where there is no archive to ask. */
  private async searchServer(conversation: Conversation, id: string): Promise<boolean> {
    for (let page = 0; page < gapPages * 2 && !conversation.timeline.isAtStart; page++) {
      await this.older(conversation);
      if (conversation.timeline.find(id)) return true;
    }
    return false;
  }

  private take(conversation: Conversation, page: ArchivePage, keep: 'older' | 'newer'): Message[] {
    const { connection } = conversation.space;
    const messages = page.messages.map((archived) => messageFromArchive(archived, connection)).filter((message) => message !== undefined);
    return this.incoming.takeMessages(conversation, messages, keep);
  }

  /** Undefined where no archive is kept, or where it does not know the place. */
  private async findArchived(conversation: Conversation, cursor: Cursor): Promise<ArchivePage | undefined> {
    const { space, channelId } = conversation;
    if (!space.team || !channelId) return undefined;
    const parameters = new URLSearchParams({ limit: String(pageSize), ...cursor });
    try {
      return await api<ArchivePage>('GET', `${path('teams', space.id, 'channels', channelId, 'messages')}?${parameters.toString()}`);
    } catch {
      return undefined;
    }
  }

  private async askServer(conversation: Conversation, cursor: Cursor): Promise<ServerPage> {
    if (conversation.isChannel && !conversation.can('history')) return { items: [], complete: true };
    const question = { type: 'history', limit: pageSize, ...cursor };
    const answer = await conversation.space.connection.request('query', conversation.target, question);
    return { items: (answer.object?.['items'] as Activity[] | undefined) ?? [], complete: answer.object?.['complete'] !== false };
  }
}

declare module '@ember/service' {
  interface Registry {
    timelines: TimelinesService;
  }
}
