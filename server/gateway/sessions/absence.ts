import type { Logger } from '../../foundation/logging.ts';
import type { Activity, Progress } from '../platforms/platform.ts';
import type { SessionStore } from './store.ts';

/** What is kept of an absence; the oldest goes first. */
export const MOST_MISSED = 1_000;
/** What a kill costs at most, in milliseconds: writing each message by itself would cost more than it is worth. */
const WRITE_DELAY = 200;
const WRITE_SIZE = 100;
/** What a kill costs of what sockets heard: so much of it is told once more, under the ids that it had. */
const PROGRESS_DELAY = 5_000;
/** What somebody who was away wants to know; who came and went, and who typed, is not among it. */
const kept = new Set(['send', 'update', 'delete', 'add', 'remove', 'invite', 'read']);
const keptObjects = new Set(['message', 'me', 'notice', 'reaction', 'topic', 'person', 'marker']);

/**
 * What a session heard while no socket listened, for whoever comes back: the newest 1,000, in the database once the session is. With it
 * stands how far the session has heard at all, in one transaction, so that the server's history goes on exactly there after a restart.
 */
export class Absence {
  readonly #store: SessionStore;
  readonly #logger: Logger;
  readonly #progress: () => Progress;
  #sessionId: string | undefined;
  /** Not written yet, or never where the session is not kept. */
  #fresh: Activity[] = [];
  /** Told to one socket already; the account's others hear it too. */
  #told: Activity[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** Runs while more was heard than is in the database. */
  #behind: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(store: SessionStore, logger: Logger, progress: () => Progress) {
    this.#store = store;
    this.#progress = progress;
    this.#logger = logger;
  }

  /** The session is one that outlives the gateway. */
  keepFor(sessionId: string): void {
    this.#sessionId = sessionId;
  }

  /** Something was heard or said, by a socket or by nobody. */
  heard(activity: Activity): void {
    if (this.#sessionId !== undefined && isKept(activity)) this.#behind ??= setTimeout(() => void this.write(), PROGRESS_DELAY).unref();
  }

  note(activity: Activity): void {
    if (!isKept(activity)) return;
    this.#fresh.push({ ...activity, published: activity.published ?? new Date().toISOString() });
    if (this.#sessionId === undefined) this.#fresh.splice(0, this.#fresh.length - MOST_MISSED);
    else if (this.#fresh.length >= WRITE_SIZE) void this.write();
    else this.#timer ??= setTimeout(() => void this.write(), WRITE_DELAY).unref();
  }

  /** The last socket left: what is heard from now on is what the next one will have missed. */
  begin(): void {
    this.#told = [];
  }

  /** All that was missed, oldest first. It counts as told from now on, but for the account's other sockets. */
  async take(): Promise<readonly Activity[]> {
    await this.write();
    const missed = this.#sessionId === undefined ? this.#fresh.splice(0) : await this.#store.takeMissed(this.#sessionId);
    this.#told = [...this.#told, ...missed].slice(-MOST_MISSED);
    return this.#told;
  }

  /** Resolves once everything noted so far is in the database. */
  write(): Promise<void> {
    const isBehind = this.#behind !== undefined;
    clearTimeout(this.#timer);
    clearTimeout(this.#behind);
    this.#timer = this.#behind = undefined;
    const id = this.#sessionId;
    if (id === undefined || (this.#fresh.length === 0 && !isBehind)) return this.#writing;
    const batch = this.#fresh.splice(0);
    const progress = this.#progress();
    this.#writing = this.#writing
      .then(() => this.#store.addHeard(id, progress, batch, MOST_MISSED))
      .catch((error: unknown) => {
        this.#logger.error({ err: error, messages: batch.length }, 'what came in an absence could not be kept');
      });
    return this.#writing;
  }
}

function isKept({ type, object }: Activity): boolean {
  return kept.has(type) && keptObjects.has(object?.type ?? '');
}
