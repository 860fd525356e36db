import { KosmosError } from '../../../foundation/errors.ts';
import { limits } from './limits.ts';
import type { Element } from './xml/element.ts';

interface Waiter {
  readonly promise: Promise<Element>;
  readonly timer: NodeJS.Timeout;
  resolve(stanza: Element): void;
  reject(error: Error): void;
}

/** What will be told by a presence some time: that a room was entered or left, that a nick was taken. */
export class Waiting {
  readonly #waiters = new Map<string, Waiter>();

  /** Waits for the stanza that settles the key; who waits for the same key gets the same stanza. */
  expect(key: string, server: string): Promise<Element> {
    const known = this.#waiters.get(key);
    if (known !== undefined) return known.promise;
    const { promise, resolve, reject } = withResolvers<Element>();
    const timer = setTimeout(() => this.#take(key)?.reject(new KosmosError('KOSMOS_ERR_SERVER_TIMEOUT', { server })), limits.requestTime);
    this.#waiters.set(key, { promise, timer, resolve, reject });
    return promise;
  }

  settle(key: string, stanza: Element): boolean {
    const waiter = this.#take(key);
    waiter?.resolve(stanza);
    return waiter !== undefined;
  }

  abandon(error: () => Error): void {
    for (const key of [...this.#waiters.keys()]) this.#take(key)?.reject(error());
  }

  #take(key: string): Waiter | undefined {
    const waiter = this.#waiters.get(key);
    this.#waiters.delete(key);
    clearTimeout(waiter?.timer);
    return waiter;
  }
}

/** COMPAT: Promise.withResolvers is missing in Node 20; may go with it. */
function withResolvers<T>(): { promise: Promise<T>; resolve(value: T): void; reject(error: Error): void } {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
