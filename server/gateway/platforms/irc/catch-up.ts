import { messageOf } from '../../../foundation/errors.ts';
import type { Activity, Progress } from '../platform.ts';
import { isBatch } from './connection/batches.ts';
import { refuseErrors } from './connection/requests.ts';
import { fetchHistory } from './history.ts';
import { noteSeen } from './messages.ts';
import type { IrcSession } from './session.ts';

const PAGE = 100;
const MOST_PAGES = 20;
/** More than comes in while a history is fetched; what is beyond is told at once. */
const MOST_HELD = 1_000;
/** All direct messages together; rooms go by their folded names. */
export const PEOPLE = '';

/** A conversation of which something may have been missed. */
interface Gap {
  /** Time of the newest message that was told. */
  readonly since: string;
  /** What comes in meanwhile waits for its turn. */
  readonly held: Activity[];
  isClosing: boolean;
}

/** Tells what was said while there was no connection, or no gateway, before what is said now: in order, and nothing twice. */
export class CatchUp {
  readonly #session: IrcSession;
  readonly #gaps = new Map<string, Gap>();
  /** As it was before the first gap: where to go on if this is broken off. */
  #progress: Progress | undefined;

  constructor(session: IrcSession) {
    this.#session = session;
  }

  get progress(): Progress | undefined {
    return this.#progress;
  }

  /** To be called before anything of the conversation can come in. `since` is undefined if nothing was heard there before. */
  expect(conversation: string, since: string | undefined): void {
    if (since === undefined || this.#gaps.has(conversation)) return;
    this.#progress ??= this.#session.progress();
    this.#gaps.set(conversation, { since, held: [], isClosing: false });
  }

  isExpecting(activity: Activity): boolean {
    return this.#gaps.size > 0 && this.#gaps.has(this.#keyOf(activity));
  }

  /** Takes what must wait; false if it is to be told now. */
  holds(activity: Activity): boolean {
    const held = this.#gaps.size > 0 ? this.#gaps.get(this.#keyOf(activity))?.held : undefined;
    if (!held || held.length >= MOST_HELD) return false;
    held.push(activity);
    return true;
  }

  /** The connection is gone. What waited is in the history, which the next one asks from where this one began. */
  abandon(): void {
    this.#gaps.clear();
    this.#progress = undefined;
  }

  /** The room was left. */
  forget(conversation: string): void {
    this.#gaps.delete(conversation);
    if (this.#gaps.size === 0) this.#progress = undefined;
  }

  async room(name: string): Promise<void> {
    await this.#close(this.#session.isupport.fold(name), (since, told) => this.#replay(name, since, told));
  }

  async people(): Promise<void> {
    await this.#close(PEOPLE, async (since, told) => {
      const all: Activity[] = [];
      for (const person of await this.#findCorrespondents(since)) await this.#replay(person, since, all);
      // Not before: with only some of them told, the next attempt must begin where this one did.
      told.push(...all);
    });
  }

  async #close(conversation: string, replay: (since: string, told: Activity[]) => Promise<void>): Promise<void> {
    const gap = this.#gaps.get(conversation);
    if (!gap || gap.isClosing) return;
    gap.isClosing = true;
    const told: Activity[] = [];
    await replay(gap.since, told).catch((error: unknown) => {
      this.#session.context.logger.info({ reason: messageOf(error), conversation }, 'what was missed could not be fetched');
    });
    const isCurrent = this.#gaps.get(conversation) === gap;
    if (isCurrent) this.forget(conversation);
    for (const activity of told) noteSeen(this.#session, activity);
    const known = new Set(told.map(identityOf));
    for (const activity of isCurrent ? gap.held : []) if (!known.has(identityOf(activity))) this.#session.tell(activity);
  }

  /** Pushes what came after `since` as if it had just come, and adds it to `told`. */
  async #replay(target: string, since: string, told: Activity[]): Promise<void> {
    let after = since;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const { items, complete } = await fetchHistory(this.#session, target, { after, limit: PAGE });
      for (const item of items) this.#session.push(item);
      told.push(...items);
      if (complete) return;
      after = items.at(-1)?.published ?? after;
    }
  }

  /** People that direct messages were exchanged with since then: CHATHISTORY TARGETS (draft/chathistory). */
  async #findCorrespondents(since: string): Promise<string[]> {
    const { connection, isupport } = this.#session;
    const params = ['TARGETS', `timestamp=${since}`, `timestamp=${new Date().toISOString()}`, String(PAGE)];
    const reply = await connection.request({ command: 'CHATHISTORY', params });
    refuseErrors(reply);
    const found = (reply.batch?.items ?? []).flatMap((item) => (isBatch(item) ? [] : (item.params[1] ?? [])));
    return found.filter((name) => name !== '' && !isupport.isChannel(name));
  }

  #keyOf({ target }: Activity): string {
    return target?.type === 'room' ? this.#session.isupport.fold(target.name ?? '') : PEOPLE;
  }
}

/** The same message is told the same way live and by the history. */
function identityOf({ type, object, published }: Activity): string {
  return JSON.stringify([type, published, object]);
}
