import type { Activity } from '../platforms/platform.ts';

const MOST_KEPT = 500;
/** What somebody who was away wants to know; who came and went, and who typed, is not among it. */
const kept = new Set(['send', 'update', 'delete', 'add', 'remove', 'invite']);
const keptObjects = new Set(['message', 'me', 'notice', 'reaction', 'topic', 'person']);

/** What a session heard while no socket listened: the newest 500, for whoever comes back. */
export class Absence {
  #heard: Activity[] = [];

  note(activity: Activity): void {
    if (!kept.has(activity.type) || !keptObjects.has(activity.object?.type ?? '')) return;
    this.#heard.push({ ...activity, published: activity.published ?? new Date().toISOString() });
    if (this.#heard.length > MOST_KEPT) this.#heard.shift();
  }

  /** The last socket left: what is heard from now on is what it will have missed. */
  begin(): void {
    this.#heard = [];
  }

  /** Oldest first. It stays until the next absence, for the account's other browsers. */
  heard(): readonly Activity[] {
    return this.#heard;
  }
}
