import type { ServerResponse } from 'node:http';
import { once } from 'node:events';
import { KosmosError } from '../foundation/errors.ts';

const MOST_STREAMS = 8;
const HEARTBEAT = 15_000;
/** What a slow reader may leave unread before it is cut off; it comes back and resumes. */
const MOST_UNREAD = 1024 * 1024;

/** Open streams of server-sent events, counted by session. */
export class EventStreams {
  readonly #open = new Map<string, number>();

  /** Throws KOSMOS_ERR_STREAM_LIMIT. */
  open(session: string, response: ServerResponse): EventStream {
    const count = this.#open.get(session) ?? 0;
    if (count >= MOST_STREAMS) throw new KosmosError('KOSMOS_ERR_STREAM_LIMIT', { limit: MOST_STREAMS });
    this.#open.set(session, count + 1);
    response.on('close', () => this.#leave(session));
    return new EventStream(response);
  }

  #leave(session: string): void {
    const left = (this.#open.get(session) ?? 1) - 1;
    if (left > 0) this.#open.set(session, left);
    else this.#open.delete(session);
  }
}

/** One stream (WHATWG HTML, 9.2). */
export class EventStream {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  get isOpen(): boolean {
    return !this.#response.destroyed && !this.#response.writableEnded;
  }

  begin(): void {
    this.#response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    this.#response.write(': begin\n\n');
  }

  send(type: string, data: unknown, id?: number): void {
    if (!this.isOpen) return;
    this.#response.write(`${id === undefined ? '' : `id: ${id}\n`}event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
    if (this.#response.writableLength > MOST_UNREAD) this.#response.destroy();
  }

  /** Beats until the stream ends, or `mayGoOn` says that it must. */
  async live(mayGoOn: () => Promise<boolean>): Promise<void> {
    const beat = setInterval(() => {
      this.#response.write(': alive\n\n');
      void mayGoOn().then(
        (may) => may || this.end(),
        () => this.end(),
      );
    }, HEARTBEAT);
    if (this.isOpen) await once(this.#response, 'close');
    clearInterval(beat);
  }

  end(): void {
    this.#response.end();
  }
}
