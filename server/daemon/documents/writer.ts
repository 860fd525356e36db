import { messageOf } from '../../foundation/errors.ts';
import type { Logger } from '../../foundation/logging.ts';
import type { Database } from '../../database/database.ts';
import { buildDocument } from '../../archive/export.ts';
import { dayOf } from '../../archive/chat-messages.ts';
import { findChannelById } from '../../teams/channels.ts';
import type { Recorded } from '../logger/lane.ts';
import type { DocumentStore } from './document-store.ts';

/** What comes together in this time is one write. */
const SHORTEST_WAIT = 1_500;
const LONGEST_WAIT = 60_000;
/** Writing takes no more than this share of the time: a busy day's document grows to megabytes. */
const SHARE = 0.1;
const DAYS_AT_ONCE = 50;

/**
 * Keeps the chat-messages documents as the archive is. Days that changed are noted in the database before they are written and struck
 * out afterwards, so that none is forgotten over a restart or while the storage is away.
 */
export class DocumentWriter {
  readonly #database: Database;
  readonly #store: DocumentStore;
  readonly #domain: string;
  readonly #logger: Logger;
  /** Days noted already, to write each but once while it waits. */
  readonly #noted = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();
  #wait = SHORTEST_WAIT;
  /** Something came since the last look at what is to be written. */
  #isNoted = false;
  #closed = false;

  constructor(database: Database, store: DocumentStore, domain: string, logger: Logger) {
    this.#database = database;
    this.#store = store;
    this.#domain = domain;
    this.#logger = logger;
    this.#schedule(0);
  }

  async take({ channelId, times }: Recorded): Promise<void> {
    for (const day of new Set(times.map(dayOf))) {
      const key = `${channelId} ${day}`;
      if (this.#noted.has(key)) continue;
      this.#noted.add(key);
      await this.#note(channelId, day, true);
    }
    this.#schedule(this.#wait);
  }

  /** Writes what waits, then stops. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#work;
    await this.#flush();
  }

  /** A day that has no row yet is `isNew`, unless it is only to be linked. */
  async #note(channelId: string, day: string, isNew: boolean): Promise<void> {
    await this.#database
      .insertInto('document_days')
      .values({ channel_id: channelId, day, is_dirty: 1, is_new: isNew ? 1 : 0 })
      .onConflict((conflict) => conflict.columns(['channel_id', 'day']).doUpdateSet({ is_dirty: 1 }))
      .execute();
  }

  #schedule(wait: number): void {
    this.#isNoted = true;
    if (this.#closed || this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#work = this.#run();
    }, wait);
  }

  async #run(): Promise<void> {
    const start = performance.now();
    this.#isNoted = false;
    const outcome = await this.#flush();
    const lasted = performance.now() - start;
    const wait = outcome === 'failed' ? this.#wait * 2 : Math.max(SHORTEST_WAIT, lasted / SHARE);
    this.#wait = Math.min(wait, LONGEST_WAIT);
    this.#timer = undefined;
    if (outcome !== 'done' || this.#isNoted) this.#schedule(this.#wait);
  }

  /** `more` if there were days to write: others may have been noted meanwhile. */
  async #flush(): Promise<'done' | 'more' | 'failed'> {
    try {
      const days = await this.#database.selectFrom('document_days').selectAll().where('is_dirty', '=', 1).limit(DAYS_AT_ONCE).execute();
      for (const { channel_id, day, is_new } of days) await this.#write(channel_id, day, is_new === 1);
      return days.length === 0 ? 'done' : 'more';
    } catch (error) {
      this.#logger.warn(`documents wait for the storage: ${messageOf(error)}`);
      return 'failed';
    }
  }

  /** Struck out first: what comes while it is written notes the day again. */
  async #write(channelId: string, day: string, isNew: boolean): Promise<void> {
    await this.#mark(channelId, day, { is_dirty: 0 });
    this.#noted.delete(`${channelId} ${day}`);
    const channel = await findChannelById(this.#database, channelId);
    if (!channel) return;
    try {
      const { path, document } = await buildDocument(this.#database, channel, this.#domain, day);
      await this.#store.put(channel.teamId, (await this.#isPublished(channelId)) ? `public/${path}` : path, document);
      if (!isNew) return;
      for (const neighbour of [document.today.previous, document.today.next]) if (neighbour) await this.#note(channelId, neighbour, false);
      await this.#mark(channelId, day, { is_new: 0 });
    } catch (error) {
      await this.#mark(channelId, day, { is_dirty: 1 });
      throw error;
    }
  }

  async #mark(channelId: string, day: string, state: { is_dirty?: 0 | 1; is_new?: 0 | 1 }): Promise<void> {
    await this.#database.updateTable('document_days').set(state).where('channel_id', '=', channelId).where('day', '=', day).execute();
  }

  async #isPublished(channelId: string): Promise<boolean> {
    const row = await this.#database
      .selectFrom('published_channels')
      .select('channel_id')
      .where('channel_id', '=', channelId)
      .executeTakeFirst();
    return row !== undefined;
  }
}
