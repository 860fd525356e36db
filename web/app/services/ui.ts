import Service from '@ember/service';
import { tracked } from '@glimmer/tracking';
import { messageOf } from '../lib/forms.ts';
import type { Conversation } from '../models/conversation.ts';
import type { Message } from '../models/message.ts';

export type Panel = 'none' | 'members' | 'thread' | 'search';
export type Dialog =
  | 'none'
  | 'switcher'
  | 'browse'
  | 'create-channel'
  | 'invite'
  | 'add-people'
  | 'new-direct'
  | 'add-network'
  | 'nickserv'
  | 'join-room'
  | 'keyboard'
  | 'topic';

export interface Toast {
  id: number;
  text: string;
  tone: 'info' | 'error';
  /** What the person may do about it. */
  action?: { label: string; run: () => void } | undefined;
}

let toasts = 0;

/** What of the window is open. */
export default class UiService extends Service {
  @tracked panel: Panel = 'none';
  @tracked dialog: Dialog = 'none';
  @tracked thread: Message | undefined;
  /** The conversation that a dialog is about, where that is not the one that is open. */
  chosen: Conversation | undefined;
  /** Phone: the sidebar covers the conversation. */
  @tracked isSidebarOpen = false;
  /** The message that the address names, until the conversation has shown it. */
  @tracked jumpTo: string | undefined;
  @tracked toasts: readonly Toast[] = [];
  @tracked lightbox: { url: string; name: string } | undefined;

  togglePanel(panel: Panel): void {
    this.panel = this.panel === panel ? 'none' : panel;
  }

  openThread(message: Message): void {
    this.thread = message;
    this.panel = 'thread';
  }

  open = (dialog: Dialog): void => {
    this.dialog = dialog;
  };

  close = (): void => {
    this.dialog = 'none';
    this.chosen = undefined;
  };

  say(text: string, tone: Toast['tone'] = 'info', action?: Toast['action']): void {
    const toast = { id: ++toasts, text, tone, action };
    this.toasts = [...this.toasts.slice(-2), toast];
    window.setTimeout(() => this.dismiss(toast), action ? 20_000 : tone === 'error' ? 8_000 : 4_000);
  }

  fail(error: unknown): void {
    this.say(messageOf(error), 'error');
  }

  dismiss = (toast: Toast): void => {
    this.toasts = this.toasts.filter((other) => other !== toast);
  };
}

declare module '@ember/service' {
  interface Registry {
    ui: UiService;
  }
}
