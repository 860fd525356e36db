import type { Agent } from 'node:http';
import { io, type Socket } from 'socket.io-client';

/** An activity as a test reads it. */
export interface Heard {
  readonly type: string;
  readonly actor: { id: string; type: string; name?: string; account?: string };
  readonly target?: { id: string; type: string; name?: string };
  // The boundary of the wire: tests look into objects of every shape.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly object?: any;
  readonly published?: string;
  readonly error?: string;
  readonly errorCode?: string;
  readonly '@context'?: string[];
  readonly context?: string;
  readonly id?: string;
}

const PATIENCE = 10_000;

/** A browser at the gateway, in the words of a dialogue: `alice.says(…)`, `await bob.hears(…)`. */
export class Browser {
  readonly socket: Socket;
  readonly heard: Heard[] = [];
  readonly errors: { summary: string; errorCode: string }[] = [];
  readonly #waiting = new Set<() => void>();

  /** `place` is the agent that leads to the gateway's socket, or the address of an appliance. */
  constructor(place: Agent | string, options: { token?: string; cookie?: string; headers?: Record<string, string> }) {
    const headers = { ...options.headers, ...(options.cookie === undefined ? {} : { cookie: options.cookie }) };
    const agent = typeof place === 'string' ? undefined : place;
    this.socket = io(typeof place === 'string' ? place : 'http://gateway.test', {
      // The type knows browsers only; on Node it goes to the websocket as it is.
      ...(agent ? { agent: agent as unknown as string } : {}),
      path: '/sockethub',
      transports: ['websocket'],
      forceNew: true,
      reconnectionDelay: 50,
      reconnectionDelayMax: 250,
      ...(options.token === undefined ? {} : { auth: { token: options.token } }),
      extraHeaders: headers,
    });
    this.socket.on('message', (activity: Heard) => {
      this.heard.push(activity);
      for (const check of this.#waiting) check();
    });
    this.socket.on('error', (error: { summary: string; errorCode: string }) => this.errors.push(error));
  }

  async connected(): Promise<this> {
    if (this.socket.connected) return this;
    await new Promise<void>((resolve, reject) => {
      this.socket.once('connect', () => resolve());
      this.socket.once('connect_error', reject);
    });
    return this;
  }

  /** Sends and resolves with the acknowledgement, failures too. */
  asks(event: string, request: unknown): Promise<Heard> {
    return this.socket.timeout(PATIENCE * 2).emitWithAck(event, request) as Promise<Heard>;
  }

  /** The same for what must be done: throws the error of a failure. */
  async says(event: string, request: unknown): Promise<Heard> {
    const answer = await this.asks(event, request);
    if (answer.error !== undefined) throw new Error(`${answer.errorCode}: ${answer.error}`);
    return answer;
  }

  /** The first activity heard, before or after now, that fits; it is taken off the list. */
  async hears(fits: (activity: Heard) => boolean, what = 'an activity'): Promise<Heard> {
    const take = (): Heard | undefined => {
      const index = this.heard.findIndex(fits);
      return index === -1 ? undefined : this.heard.splice(index, 1)[0];
    };
    const found = take();
    if (found) return found;
    return new Promise<Heard>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(check);
        reject(new Error(`did not hear ${what}; heard ${JSON.stringify(this.heard.slice(-5))}`));
      }, PATIENCE);
      const check = (): void => {
        const late = take();
        if (!late) return;
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve(late);
      };
      this.#waiting.add(check);
    });
  }

  /** What was heard so far does not count any more. */
  forgets(): void {
    this.heard.length = 0;
  }

  hearsText(content: string): Promise<Heard> {
    return this.hears((activity) => activity.object?.content === content && activity.type === 'send', `“${content}”`);
  }

  leaves(): void {
    this.socket.disconnect();
  }
}
