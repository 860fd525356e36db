import { api, path } from './api.ts';
import { settled } from './forms.ts';
import type { Conversation } from '../models/conversation.ts';
import type { Space } from '../models/space.ts';
import type PreferencesService from '../services/preferences.ts';
import type { Notify } from '../services/preferences.ts';

/** How it stands in one channel, as the appliance counts it. */
interface Standing {
  /** Id of the channel. */
  channel: string;
  /** Slug of the team. */
  team: string;
  unread: number;
  mentions: number;
  level: Notify;
  readUntil: string | null;
}

export interface PushPreferences {
  showsContent: boolean;
  quietFrom: string | null;
  quietUntil: string | null;
  timeZone: string;
}

/** The daemon forgets who looks after a minute. */
const focusEvery = 30_000;

/** What the appliance knows of the account's attention: counts, markers and levels of the teams' channels, quiet hours, who looks. */
export class ServerAttention {
  /** Markers that could not be set yet, by conversation: the newest counts. */
  private readonly waiting = new Map<Conversation, string>();
  private timer = 0;
  private isFocused = false;

  constructor(
    private readonly spaces: () => readonly Space[],
    private readonly preferences: PreferencesService,
    private readonly hooks: { onCounts: () => void; onNewChannel: (space: Space) => void },
  ) {}

  /** Counts anew, a moment after the last who asked for it. */
  readonly refreshSoon = settled(250, () => void this.refresh().catch(() => undefined));

  async refresh(): Promise<void> {
    for (const [conversation, upTo] of [...this.waiting]) await this.mark(conversation, upTo);
    const { channels } = await api<{ channels: Standing[] }>('GET', '/api/unread');
    const standings = new Map(channels.map((standing) => [standing.channel, standing]));
    for (const space of this.spaces()) {
      for (const conversation of space.channels) {
        const standing = standings.get(conversation.channelId ?? '');
        if (standing && !this.waiting.has(conversation)) take(conversation, standing);
      }
      const known = new Set(space.catalogue.filter(({ open }) => open).map(({ id }) => id));
      if (space.isTeam && channels.some(({ team, channel }) => team === space.id && !known.has(channel))) this.hooks.onNewChannel(space);
    }
    this.hooks.onCounts();
  }

  async mark(conversation: Conversation, upTo: string): Promise<void> {
    this.waiting.set(conversation, upTo);
    try {
      await api('PUT', `${channelPath(conversation)}/marker`, { upTo });
      if (this.waiting.get(conversation) === upTo) this.waiting.delete(conversation);
    } catch (error) {
      // Without a connection the next refresh tries again; what the server refuses stays refused.
      if (!(error instanceof Error && 'code' in error && error.code === 'NETWORK')) this.waiting.delete(conversation);
    }
  }

  async setLevel(conversation: Conversation, level: Notify): Promise<void> {
    await api('PUT', `${channelPath(conversation)}/level`, { level });
  }

  /** Quiet hours count for pushes and for this window alike. */
  async loadQuietHours(): Promise<void> {
    const { quietFrom, quietUntil } = await api<PushPreferences>('GET', '/web-push/preferences');
    this.preferences.change('quietFrom', quietFrom ?? '');
    this.preferences.change('quietTo', quietUntil ?? '');
  }

  /** Says again and again that somebody looks, so that nobody is woken for what they see. */
  watchFocus(): () => void {
    const say = () => {
      const isFocused = document.visibilityState === 'visible' && document.hasFocus();
      // What changed meanwhile without a word from the server: channels that were opened to this person, levels set elsewhere.
      if (isFocused) this.refreshSoon();
      if (isFocused || this.isFocused) sayFocus(isFocused);
      this.isFocused = isFocused;
    };
    const leave = () => {
      if (this.isFocused) sayFocus(false);
      this.isFocused = false;
    };
    const events = ['focus', 'blur', 'visibilitychange', 'pageshow'] as const;
    for (const event of events) window.addEventListener(event, say);
    // A window that is closed is visible and has the focus to its end.
    window.addEventListener('pagehide', leave);
    this.timer = window.setInterval(say, focusEvery);
    say();
    return () => {
      for (const event of events) window.removeEventListener(event, say);
      window.removeEventListener('pagehide', leave);
      window.clearInterval(this.timer);
      leave();
    };
  }
}

/** Outlives the page: who closes the window while it is looked at shall be called from then on. */
function sayFocus(focused: boolean): void {
  const headers = { 'content-type': 'application/json' };
  fetch('/web-push/focus', { method: 'POST', keepalive: true, headers, body: JSON.stringify({ focused }) }).catch(() => undefined);
}

function take(conversation: Conversation, { unread, mentions, level, readUntil }: Standing): void {
  conversation.level = level;
  if (readUntil) conversation.readAt = Math.max(conversation.readAt, Date.parse(readUntil));
  if (conversation.isWatched || conversation.isKeptUnread) return;
  conversation.unread = unread;
  conversation.mentionCount = level === 'none' ? 0 : mentions;
}

function channelPath({ space, channelId }: Conversation): string {
  return path('teams', space.id, 'channels', channelId ?? '');
}
