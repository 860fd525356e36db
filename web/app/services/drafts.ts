import Service from '@ember/service';
import { TrackedMap } from '../lib/tracked-map.ts';

export interface Draft {
  text: string;
  /** When it was written: of two the later one counts. An empty text says that there is none any more. */
  at: number;
}

export type Drafts = Record<string, Draft>;

const storageKey = 'kosmos:drafts';
const most = 100;

/** What was begun and not sent, for each conversation: kept in the browser, and in the person's storage where one is connected. */
export default class DraftsService extends Service {
  private readonly drafts = new TrackedMap<string, Draft>(Object.entries(kept()));
  /** Told of each change that was made here. */
  onChange: (() => void) | undefined;

  of(conversation: string): string {
    return this.drafts.get(conversation)?.text ?? '';
  }

  has(conversation: string): boolean {
    return this.of(conversation).trim() !== '';
  }

  /** The newest ones. */
  get all(): Drafts {
    const entries = this.drafts.entries().sort(([, one], [, other]) => other.at - one.at);
    return Object.fromEntries(entries.slice(0, most));
  }

  keep(conversation: string, text: string): void {
    if (this.of(conversation) === text) return;
    this.drafts.set(conversation, { text, at: Date.now() });
    this.write();
    this.onChange?.();
  }

  /** Takes what was written in another browser, where it is newer. */
  take(others: Drafts): void {
    for (const [conversation, draft] of Object.entries(others)) {
      if (typeof draft.text !== 'string' || draft.at <= (this.drafts.get(conversation)?.at ?? 0)) continue;
      this.drafts.set(conversation, draft);
    }
    this.write();
  }

  private write(): void {
    try {
      localStorage.setItem(storageKey, JSON.stringify(this.all));
    } catch {
      // Without a store the draft lives as long as the page.
    }
  }
}

function kept(): Drafts {
  try {
    return JSON.parse(localStorage.getItem(storageKey) ?? '{}') as Drafts;
  } catch {
    return {};
  }
}

declare module '@ember/service' {
  interface Registry {
    drafts: DraftsService;
  }
}
