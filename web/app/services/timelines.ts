import Service, { service } from '@ember/service';
import type { Activity } from '../lib/activity.ts';
import type { Conversation } from '../models/conversation.ts';
import type AttentionService from './attention.ts';
import type IncomingService from './incoming.ts';

const pageSize = 50;
/** Most pages asked for at once to close a gap; a longer one starts the window anew at the present. */
const gapPages = 4;

interface Page {
  items: Activity[];
  complete: boolean;
}

interface Cursor {
  before?: string;
  after?: string;
}

/** Moves the window of each conversation over its history. */
export default class TimelinesService extends Service {
  @service declare incoming: IncomingService;
  @service declare attention: AttentionService;

  /** The newest page, if nothing is there yet. */
  async open(conversation: Conversation): Promise<void> {
    const { timeline } = conversation;
    if (timeline.isLoaded || timeline.loading !== 'none' || conversation.joined !== 'yes') return;
    timeline.loading = 'older';
    try {
      const page = await this.ask(conversation, {});
      timeline.isAtStart = page.complete;
      this.incoming.takeHistory(conversation, page.items, 'newer');
      timeline.isLoaded = true;
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
      const page = await this.ask(conversation, { before: from.id as string });
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
      const page = await this.ask(conversation, { after: from.id as string });
      this.incoming.takeHistory(conversation, page.items, 'newer');
      timeline.isAtEnd = page.complete || page.items.length === 0;
    } finally {
      timeline.loading = 'none';
    }
  }

  /** The window around one message, for a jump to it. Resolves with whether it was found. */
  async around(conversation: Conversation, id: string): Promise<boolean> {
    const { timeline } = conversation;
    if (timeline.find(id)) return true;
    const [before, after] = await Promise.all([this.ask(conversation, { before: id }), this.ask(conversation, { after: id })]);
    const edge = after.items.find(({ type, object }) => type === 'send' && object?.id)?.object?.id;
    const itself = await this.ask(conversation, edge ? { before: edge } : {});
    timeline.reset();
    this.incoming.takeHistory(conversation, [...before.items, ...itself.items, ...after.items], 'older');
    timeline.isAtStart = before.complete;
    timeline.isAtEnd = after.complete;
    timeline.isLoaded = true;
    return timeline.find(id) !== undefined;
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
      else await this.open(conversation);
      this.recount(conversation);
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
    conversation.firstNew = timeline.messages.find((one) => one.isSaid && !one.mine && one.published > conversation.readAt)?.key;
  }

  private async closeGap(conversation: Conversation): Promise<void> {
    const { timeline } = conversation;
    for (let page = 0; page < gapPages; page++) {
      const from = timeline.messages.findLast(({ id }) => id !== undefined);
      if (!from) break;
      const { items, complete } = await this.ask(conversation, { after: from.id as string });
      this.incoming.takeHistory(conversation, items, 'newer');
      if (complete || items.length === 0) return;
    }
    timeline.reset();
    await this.open(conversation);
  }

  private async ask(conversation: Conversation, cursor: Cursor): Promise<Page> {
    const isKnown = conversation.features.size > 0 || !conversation.isChannel;
    if (isKnown && conversation.isChannel && !conversation.can('history')) return { items: [], complete: true };
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
