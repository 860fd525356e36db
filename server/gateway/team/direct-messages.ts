import { setTimeout as wait } from 'node:timers/promises';
import { messageOf } from '../../foundation/errors.ts';
import type { Logger } from '../../foundation/logging.ts';
import type { Database } from '../../database/database.ts';
import type { Home } from '../../database/schema.ts';
import type { Activity } from '../platforms/platform.ts';
import type { AccountRef } from './team-side.ts';

/** Asks the daemon; resolves with the status of its answer. */
type Call = (path: string, body: object) => Promise<number>;

const MOST_WAITING = 500;
const PAUSE = 2_000;
const LONGEST_TEXT = 16_384;

/** Tells the daemon of direct messages, which wakes the member's browsers. Nobody who delivers messages waits for that. */
export class DirectMessages {
  readonly #database: Database;
  readonly #call: Call;
  readonly #logger: Logger;
  readonly #waiting: (() => Promise<void>)[] = [];
  #isBusy = false;

  constructor(database: Database, call: Call, logger: Logger) {
    this.#database = database;
    this.#call = call;
    this.#logger = logger;
  }

  tell(account: AccountRef, home: Home, { actor, object, published }: Activity): void {
    const conversation = actor.id ?? '';
    const from = actor.name ?? conversation;
    const content = object?.['content'];
    const text = typeof content === 'string' ? content.slice(0, LONGEST_TEXT) : '';
    const at = published ?? new Date().toISOString();
    this.#later(async () => {
      const team = await this.#findTeam(account, home);
      if (team === undefined) return;
      await this.#ask('/internal/direct-messages', { account: account.name, from, id: object?.id ?? at, text, at, conversation, team });
    });
  }

  /** What was pushed of a conversation is done with. */
  read(account: AccountRef, conversation: string): void {
    this.#later(() => this.#ask('/internal/direct-messages/read', { account: account.name, conversation }));
  }

  #later(task: () => Promise<void>): void {
    if (this.#waiting.length >= MOST_WAITING) return this.#logger.warn('too many direct messages wait to be told to the daemon');
    this.#waiting.push(task);
    if (!this.#isBusy) void this.#work();
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    for (let task = this.#waiting.shift(); task; task = this.#waiting.shift()) {
      await task().catch((error: unknown) => this.#logger.warn({ err: error }, 'the daemon could not be told of a direct message'));
    }
    this.#isBusy = false;
  }

  /** Once more if it fails: the daemon may be restarting. */
  async #ask(path: string, body: object): Promise<void> {
    try {
      checkStatus(await this.#call(path, body));
    } catch (error) {
      this.#logger.debug({ reason: messageOf(error) }, 'the daemon is asked once more');
      await wait(PAUSE);
      checkStatus(await this.#call(path, body));
    }
  }

  /** The team in whose space the message is shown; none where no browser wants to be woken. */
  async #findTeam({ id }: AccountRef, home: Home): Promise<string | undefined> {
    const row = await this.#database
      .selectFrom('push_subscriptions')
      .innerJoin('members', 'members.account_id', 'push_subscriptions.account_id')
      .innerJoin('teams', 'teams.id', 'members.team_id')
      .select('teams.slug')
      .where('push_subscriptions.account_id', '=', id)
      .where('teams.home', '=', home)
      .executeTakeFirst();
    return row?.slug;
  }
}

/** What the daemon refused for good is not asked again. */
function checkStatus(status: number): void {
  if (status >= 500) throw new Error(`the daemon answered ${status}`);
}
