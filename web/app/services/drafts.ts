import Service from '@ember/service';
import { TrackedMap } from '../lib/tracked-map.ts';

const prefix = 'kosmos:draft:';

/** What was begun and not sent, for each conversation. */
export default class DraftsService extends Service {
  private readonly drafts = new TrackedMap<string, string>(kept());

  of(conversation: string): string {
    return this.drafts.get(conversation) ?? '';
  }

  has(conversation: string): boolean {
    return this.of(conversation).trim() !== '';
  }

  keep(conversation: string, text: string): void {
    if (this.of(conversation) === text) return;
    try {
      if (text) localStorage.setItem(prefix + conversation, text);
      else localStorage.removeItem(prefix + conversation);
    } catch {
      // Without a store the draft lives as long as the page.
    }
    if (text) this.drafts.set(conversation, text);
    else this.drafts.delete(conversation);
  }
}

function kept(): [string, string][] {
  try {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(prefix))
      .map((key) => [key.slice(prefix.length), localStorage.getItem(key) ?? '']);
  } catch {
    return [];
  }
}

declare module '@ember/service' {
  interface Registry {
    drafts: DraftsService;
  }
}
