import type { Line } from '../../../foundation/irc-line.ts';

/** Lines that belong together (https://ircv3.net/specs/extensions/batch). */
export interface Batch {
  readonly type: string;
  readonly parameters: readonly string[];
  /** Of the line that opened it. */
  readonly tags: Readonly<Record<string, string>>;
  readonly source: string;
  readonly items: Item[];
}

export type Item = Line | Batch;

export function isBatch(item: Item): item is Batch {
  return 'items' in item;
}

interface OpenBatch extends Batch {
  readonly parent: OpenBatch | undefined;
}

const MOST_OPEN = 256;
const MOST_ITEMS = 5_000;

/** Puts batches together, nested ones inside the outer one. */
export class Assembler {
  readonly #open = new Map<string, OpenBatch>();

  /** The item that is complete with this line, if any. */
  take(line: Line): Item | undefined {
    if (line.command === 'BATCH') return this.#takeMark(line);
    const batch = this.#open.get(line.tags.batch ?? '');
    if (!batch) return line;
    if (batch.items.length < MOST_ITEMS) batch.items.push(line);
    return undefined;
  }

  #takeMark({ parameters: [mark = '', type = '', ...parameters], tags, source }: Line): Item | undefined {
    const reference = mark.slice(1);
    if (mark.startsWith('+')) {
      if (this.#open.size >= MOST_OPEN) throw new Error('the server opens batches without an end');
      const parent = this.#open.get(tags.batch ?? '');
      const batch: OpenBatch = { type, parameters, tags, source, items: [], parent };
      this.#open.set(reference, batch);
      parent?.items.push(batch);
      return undefined;
    }
    const ended = this.#open.get(reference);
    this.#open.delete(reference);
    return ended?.parent ? undefined : ended;
  }
}
