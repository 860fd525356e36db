import type { IrcMessage } from './message.ts';

/** Messages that belong together (IRCv3 batch). */
export interface Batch {
  readonly type: string;
  readonly params: readonly string[];
  /** Of the line that opened it. */
  readonly opening: IrcMessage;
  /** In the server's order; a nested batch stands where it began. */
  readonly items: (IrcMessage | Batch)[];
}

export function isBatch(item: IrcMessage | Batch): item is Batch {
  return 'items' in item;
}

/** The messages of a batch, without those of nested ones. */
export function messagesOf(batch: Batch): IrcMessage[] {
  return batch.items.filter((item): item is IrcMessage => !isBatch(item));
}

interface OpenBatch extends Batch {
  readonly parent: OpenBatch | undefined;
}

const MOST_OPEN = 64;
const MOST_MESSAGES = 20_000;
/** These only say what happened: their messages are dealt with one by one, as they come. */
const streamed = new Set(['netsplit', 'netjoin']);

export type BatchStep =
  /** Nothing for the caller: a batch opened, or the message waits in it. */
  { readonly kind: 'kept' } | { readonly kind: 'message'; readonly batch?: Batch } | { readonly kind: 'batch'; readonly batch: Batch };

/** Collects batches, nested ones in their outer one. */
export class Batches {
  readonly #open = new Map<string, OpenBatch>();

  receive(message: IrcMessage): BatchStep {
    if (message.command === 'BATCH') return this.#mark(message);
    const batch = this.#open.get(message.tags['batch'] ?? '');
    if (!batch) return { kind: 'message' };
    if (streamed.has(batch.type)) return { kind: 'message', batch };
    if (batch.items.length < MOST_MESSAGES) batch.items.push(message);
    return { kind: 'kept' };
  }

  #mark(message: IrcMessage): BatchStep {
    const [mark = '', type = '', ...params] = message.params;
    const reference = mark.slice(1);
    if (mark.startsWith('+') && this.#open.size < MOST_OPEN) {
      const parent = this.#open.get(message.tags['batch'] ?? '');
      const batch: OpenBatch = { type, params, opening: message, items: [], parent };
      parent?.items.push(batch);
      this.#open.set(reference, batch);
      return { kind: 'kept' };
    }
    const batch = this.#open.get(reference);
    this.#open.delete(reference);
    if (!batch || batch.parent || streamed.has(batch.type)) return { kind: 'kept' };
    return { kind: 'batch', batch };
  }
}
