import { messageOf } from '../../foundation/errors.ts';
import type { Logger } from '../../foundation/logging.ts';
import type { Database } from '../../database/database.ts';
import type { DocumentDaysTable } from '../../database/schema.ts';
import { buildDocument } from '../../archive/export.ts';
import { dayOf, placeOf } from '../../archive/chat-messages.ts';
import { findVisibility, noteDays } from '../../archive/document-days.ts';
import type { ApplianceEvent } from '../../foundation/events.ts';
import { findChannelById, type Channel } from '../../teams/channels.ts';
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
      await noteDays(this.#database, channelId, [day]);
    }
    this.#schedule(this.#wait);
  }

  /** Days were noted by others: by an import, or because who may read them was changed. */
  async apply({ type }: ApplianceEvent): Promise<void> {
    if (type === 'channel-documents-changed') this.#schedule(0);
  }

  /** Writes what waits, then stops. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#work;
    await this.#flush();
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
      for (const day of days) await this.#write(day);
      return days.length === 0 ? 'done' : 'more';
    } catch (error) {
      this.#logger.warn(`documents wait for the storage: ${messageOf(error)}`);
      return 'failed';
    }
  }

  /** Struck out first: what comes while it is written notes the day again. */
  async #write(noted: DocumentDaysTable): Promise<void> {
    await this.#mark(noted, { is_dirty: 0 });
    this.#noted.delete(`${noted.channel_id} ${noted.day}`);
    const channel = await findChannelById(this.#database, noted.channel_id);
    if (!channel) return;
    try {
      const visibility = await findVisibility(this.#database, channel.id);
      if (visibility === 'off') await this.#remove(channel, noted);
      else await this.#put(channel, noted, visibility);
    } catch (error) {
      await this.#mark(noted, { is_dirty: 1 });
      throw error;
    }
  }

  /** Where it stood before, it is removed only once it stands where it shall. */
  async #put(channel: Channel, noted: DocumentDaysTable, place: Place): Promise<void> {
    const { path, document } = await buildDocument(this.#database, channel, this.#domain, noted.day);
    const neighbours = [document.today.previous, document.today.next].filter((day) => day !== undefined);
    // All of it was removed as too old; the days beside it link to each other now.
    if (document.today.messages.length === 0 && noted.place) {
      await this.#remove(channel, noted);
      return noteDays(this.#database, channel.id, neighbours, false);
    }
    await this.#store.put(channel.teamId, pathIn(place, path), document);
    if (noted.place && noted.place !== place) await this.#store.remove(channel.teamId, pathIn(noted.place, path));
    await this.#mark(noted, { place });
    if (noted.is_new === 0) return;
    await noteDays(this.#database, channel.id, neighbours, false);
    await this.#mark(noted, { is_new: 0 });
  }

  async #remove(channel: Channel, noted: DocumentDaysTable): Promise<void> {
    if (!noted.place) return;
    const { folder } = placeOf(channel, this.#domain);
    await this.#store.remove(channel.teamId, pathIn(noted.place, `${folder}/${noted.day}`));
    await this.#mark(noted, { place: null, is_new: 1 });
  }

  async #mark({ channel_id, day }: DocumentDaysTable, state: Partial<Omit<DocumentDaysTable, 'channel_id' | 'day'>>): Promise<void> {
    await this.#database.updateTable('document_days').set(state).where('channel_id', '=', channel_id).where('day', '=', day).execute();
  }
}

type Place = NonNullable<DocumentDaysTable['place']>;

function pathIn(place: Place, path: string): string {
  return place === 'public' ? `public/${path}` : path;
}
