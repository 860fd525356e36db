import { KosmosError } from '../../../../foundation/errors.ts';
import type { Batch } from './batches.ts';
import { isNumeric, type IrcMessage } from './message.ts';

/** All that the server said to one request. */
export interface Reply {
  readonly messages: readonly IrcMessage[];
  /** The batch itself where the answer is one of another kind than labeled-response (history, multiline). */
  readonly batch?: Batch;
}

interface Pending {
  readonly key: string;
  readonly messages: IrcMessage[];
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * Which answer belongs to which request. With labeled-response the server says it; without, every request is followed by a PING, and
 * what the server says to us before the PONG belongs to the oldest request (servers answer in order).
 */
export class Requests {
  readonly #pending = new Map<string, Pending>();
  readonly #server: string;
  #counter = 0;

  constructor(server: string) {
    this.#server = server;
  }

  get size(): number {
    return this.#pending.size;
  }

  /** A key for the next request and the promise of its reply. */
  open(timeout: number): { key: string; reply: Promise<Reply> } {
    this.#counter += 1;
    const key = `k${this.#counter.toString(36)}`;
    const reply = new Promise<Reply>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(key);
        reject(new KosmosError('KOSMOS_ERR_SERVER_TIMEOUT', { server: this.#server }));
      }, timeout);
      this.#pending.set(key, { key, messages: [], resolve, reject, timer });
    });
    return { key, reply };
  }

  /** False if nobody waits for that label any more. */
  settle(key: string, reply: Reply): boolean {
    const pending = this.#pending.get(key);
    if (!pending) return false;
    this.#pending.delete(key);
    clearTimeout(pending.timer);
    pending.resolve({ ...reply, messages: [...pending.messages, ...reply.messages] });
    return true;
  }

  has(key: string | undefined): boolean {
    return key !== undefined && this.#pending.has(key);
  }

  /** Without labels: an answer that came between two PONGs. */
  collect(message: IrcMessage): void {
    if (!isNumeric(message) && message.command !== 'FAIL') return;
    const [oldest] = this.#pending.values();
    oldest?.messages.push(message);
  }

  fail(error: Error): void {
    for (const { timer, reject } of this.#pending.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.#pending.clear();
  }
}

/** ERR_NOMOTD stands among the errors and is none. */
const harmless = '422';

/** Throws KOSMOS_ERR_SERVER_REFUSED with the server's words if one of the messages is an error (numerics from 400, FAIL). */
export function refuseErrors({ messages }: Reply): void {
  const refusal = messages.find(
    ({ command }) => command === 'FAIL' || (/^[45]\d\d$/.test(command) && command !== harmless) || command === '696',
  );
  if (!refusal) return;
  const reason = refusal.params.at(-1) ?? refusal.command;
  const about = refusal.params.slice(1, -1).filter((param) => /^[#&+!]/.test(param));
  throw new KosmosError('KOSMOS_ERR_SERVER_REFUSED', { reason: [...about, reason].join(': '), numeric: refusal.command });
}
