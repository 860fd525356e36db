import { KosmosError } from '../../../../foundation/errors.ts';
import { bareOf } from '../jid.ts';
import { limits } from '../limits.ts';
import { childOf, type Element } from '../xml/element.ts';
import { stanzaError } from './stanza-error.ts';

interface Pending {
  readonly to: string;
  readonly action: string;
  readonly timer: NodeJS.Timeout;
  resolve(answer: Element): void;
  reject(error: Error): void;
}

/** Questions to the server (iq) and their answers. */
export class Requests {
  readonly #pending = new Map<string, Pending>();
  readonly #server: string;
  #count = 0;

  constructor(server: string) {
    this.#server = server;
  }

  newId(): string {
    return `q${(++this.#count).toString(36)}`;
  }

  /** Waits for the answer; `to` is who must give it, `action` what was asked for, for the error's sentence. */
  expect(id: string, to: string, action: string): Promise<Element> {
    if (this.#pending.size >= limits.pendingRequests)
      return Promise.reject(new KosmosError('KOSMOS_ERR_GATEWAY_BUSY', { limit: limits.pendingRequests }));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new KosmosError('KOSMOS_ERR_SERVER_TIMEOUT', { server: to || this.#server }));
      }, limits.requestTime);
      this.#pending.set(id, { to, action, timer, resolve, reject });
    });
  }

  /** Takes an answer to a question of ours. Nobody but who was asked may answer: an id can be guessed. */
  answered(iq: Element, own: string): boolean {
    const id = iq.attributes['id'] ?? '';
    const pending = this.#pending.get(id);
    if (pending === undefined) return false;
    const from = iq.attributes['from'];
    const isOwnServer = pending.to === '' || pending.to === bareOf(own);
    if (from !== pending.to && !(isOwnServer && (from === undefined || from === own || from === bareOf(own)))) return false;
    this.#pending.delete(id);
    clearTimeout(pending.timer);
    if (iq.attributes['type'] === 'result') pending.resolve(iq);
    else pending.reject(stanzaError(childOf(iq, 'error'), pending.action));
    return true;
  }

  /** Forgets a question that could not be sent. */
  drop(id: string): void {
    clearTimeout(this.#pending.get(id)?.timer);
    this.#pending.delete(id);
  }

  /** The stream is gone and so are the answers. */
  abandon(error: () => Error): void {
    for (const { timer, reject } of this.#pending.values()) {
      clearTimeout(timer);
      reject(error());
    }
    this.#pending.clear();
  }
}
