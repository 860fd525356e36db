import { setTimeout as wait } from 'node:timers/promises';
import { messageOf } from '../../foundation/errors.ts';
import type { Logger } from '../../foundation/logging.ts';
import type { Database } from '../../database/database.ts';
import { addReaction, deleteMessage, editMessage, removeReaction, setReactions } from '../../archive/amend.ts';
import { appendMessages } from '../../archive/append.ts';
import type { NewMessage } from '../../archive/message.ts';
import type { Happening } from './happening.ts';

/** What a channel's archive has that it had not before. */
export interface Recorded {
  readonly channelId: string;
  /** Oldest first. */
  readonly messages: readonly NewMessage[];
  /** ISO times of the messages that are new or were changed. */
  readonly times: readonly string[];
  /** False for what was fetched from history. */
  readonly live: boolean;
}

interface Batch {
  readonly happenings: Happening[];
  readonly live: boolean;
}

const RETRY = 1_000;
const MOST_WAITING = 20_000;

/**
 * One channel's way into the archive: in order, in as large transactions as have come together, and again until the database takes it.
 * While history is fetched (`hold`), live traffic waits, so that the newest message archived always says up to where nothing is missing.
 */
export class Lane {
  readonly channelId: string;
  readonly #database: Database;
  readonly #onRecorded: (recorded: Recorded) => Promise<void>;
  readonly #logger: Logger;
  readonly #live: Happening[] = [];
  #queue: Batch[] = [];
  #held = false;
  #work: Promise<void> | undefined;

  constructor(database: Database, channelId: string, onRecorded: (recorded: Recorded) => Promise<void>, logger: Logger) {
    this.#database = database;
    this.channelId = channelId;
    this.#onRecorded = onRecorded;
    this.#logger = logger;
  }

  hold(): void {
    this.#held = true;
  }

  /** History first, then what waited. */
  release(): void {
    this.#held = false;
    this.add(this.#live.splice(0));
  }

  /** The connection is lost: history will tell what waited. */
  dropWaiting(): void {
    this.#live.length = 0;
  }

  /** False if the archive does not keep up: fetch history again later. */
  add(happenings: readonly Happening[]): boolean {
    if (this.#held) this.#live.push(...happenings);
    else this.#enqueue(happenings, true);
    return this.#live.length + this.#queue.length <= MOST_WAITING;
  }

  /** Resolves once it is archived. */
  async addHistory(happenings: readonly Happening[]): Promise<void> {
    this.#enqueue(happenings, false);
    await this.idle();
  }

  async idle(): Promise<void> {
    while (this.#work) await this.#work;
  }

  #enqueue(happenings: readonly Happening[], live: boolean): void {
    const last = this.#queue.at(-1);
    if (last?.live === live) last.happenings.push(...happenings);
    else if (happenings.length > 0) this.#queue.push({ happenings: [...happenings], live });
    if (this.#queue.length === 0) return;
    this.#work ??= this.#run().finally(() => {
      this.#work = undefined;
    });
  }

  async #run(): Promise<void> {
    for (let batch = this.#queue.shift(); batch; batch = this.#queue.shift()) {
      await this.#store(batch);
    }
  }

  /** Everything in it may be stored twice: what is there already stays as it is. */
  async #store({ happenings, live }: Batch): Promise<void> {
    const { channelId } = this;
    for (;;) {
      try {
        const { messages, times } = await storeHappenings(this.#database, channelId, happenings);
        if (times.length > 0) await this.#onRecorded({ channelId, messages, times, live });
        return;
      } catch (error) {
        this.#logger.error({ err: error, channel: channelId }, `messages wait: ${messageOf(error)}`);
        await wait(RETRY);
      }
    }
  }
}

async function storeHappenings(database: Database, channelId: string, happenings: readonly Happening[]) {
  const messages: NewMessage[] = [];
  const times: string[] = [];
  let together: NewMessage[] = [];
  const append = async (): Promise<void> => {
    const appended = together.length > 0 ? await appendMessages(database, channelId, together) : [];
    together = [];
    messages.push(...appended);
    times.push(...appended.map(({ sentAt }) => sentAt));
  };
  for (const happening of happenings) {
    if (happening.type === 'message') {
      together.push(happening.message);
      continue;
    }
    await append();
    const time = await amend(database, channelId, happening);
    if (time) times.push(time);
  }
  await append();
  return { messages, times };
}

function amend(database: Database, channelId: string, happening: Exclude<Happening, { type: 'message' }>): Promise<string | undefined> {
  switch (happening.type) {
    case 'edit':
      return editMessage(database, channelId, happening.edit);
    case 'deletion':
      return deleteMessage(database, channelId, happening.deletion);
    case 'reaction':
      return (happening.reaction.added ? addReaction : removeReaction)(database, channelId, happening.reaction);
    case 'reactions':
      return setReactions(database, channelId, happening.reactions);
  }
}
