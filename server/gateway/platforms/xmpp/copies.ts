import { KosmosError } from '../../../foundation/errors.ts';
import type { Activity } from '../platform.ts';
import { limits } from './limits.ts';

interface Awaited {
  readonly conversation: string;
  readonly action: string;
  readonly timer: NodeJS.Timeout;
  resolve(activities: readonly Activity[]): void;
  reject(error: Error): void;
}

/** Stanzas of ours whose copy, as everybody sees it, is still to come back from the server. */
export class Copies {
  readonly #awaited = new Map<string, Awaited>();
  readonly #server: string;

  constructor(server: string) {
    this.#server = server;
  }

  has(id: string): boolean {
    return this.#awaited.has(id);
  }

  /** Resolves with what the copy says, over a resumed stream too; rejects when it is refused, lost or late. */
  expect(id: string, conversation: string, action: string): Promise<readonly Activity[]> {
    return new Promise((resolve, reject) => {
      const late = (): void => this.fail(id, new KosmosError('KOSMOS_ERR_SERVER_TIMEOUT', { server: this.#server }));
      this.#awaited.set(id, { conversation, action, timer: setTimeout(late, limits.copyTime), resolve, reject });
    });
  }

  /** What was being done in that conversation, if the id is one of ours; nobody else can settle it. */
  actionOf(id: string, conversation: string): string | undefined {
    const awaited = this.#awaited.get(id);
    return awaited?.conversation === conversation ? awaited.action : undefined;
  }

  settle(id: string, activities: readonly Activity[]): void {
    this.#take(id)?.resolve(activities);
  }

  fail(id: string, error: Error): void {
    this.#take(id)?.reject(error);
  }

  /** Gives up on a conversation, or on all: the stream was lost, and what was missed has been looked through. */
  abandon(conversation?: string): void {
    for (const [id, awaited] of this.#awaited) {
      if (conversation !== undefined && awaited.conversation !== conversation) continue;
      this.fail(id, new KosmosError('KOSMOS_ERR_CONNECTION_LOST', { server: this.#server }));
    }
  }

  #take(id: string): Awaited | undefined {
    const awaited = this.#awaited.get(id);
    this.#awaited.delete(id);
    clearTimeout(awaited?.timer);
    return awaited;
  }
}
