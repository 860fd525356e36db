import { KosmosError } from '../../foundation/errors.ts';

interface Waiting {
  readonly pipelined: boolean;
  start(): Promise<void>;
}

/** Requests of one actor, begun in order. Pipelined ones may overlap with each other, all else runs alone. */
export class OrderedQueue {
  readonly #limit: number;
  readonly #waiting: Waiting[] = [];
  #active = 0;
  #exclusive = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#waiting.length + this.#active;
  }

  /** Rejects with KOSMOS_ERR_GATEWAY_BUSY if too many wait, else settles as `task` does. */
  run<T>(pipelined: boolean, task: () => Promise<T>): Promise<T> {
    if (this.size >= this.#limit) return Promise.reject(new KosmosError('KOSMOS_ERR_GATEWAY_BUSY', { limit: this.#limit }));
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ pipelined, start: () => task().then(resolve, reject) });
      this.#pump();
    });
  }

  #pump(): void {
    for (let next = this.#waiting[0]; next && !this.#exclusive; next = this.#waiting[0]) {
      if (!next.pipelined && this.#active > 0) return;
      this.#waiting.shift();
      this.#active += 1;
      this.#exclusive = !next.pipelined;
      void next.start().then(() => {
        this.#active -= 1;
        this.#exclusive = false;
        this.#pump();
      });
    }
  }
}
