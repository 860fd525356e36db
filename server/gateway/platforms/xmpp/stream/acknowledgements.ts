import { ns } from '../namespaces.ts';
import { limits } from '../limits.ts';
import { xml, type Element } from '../xml/element.ts';

interface Sent {
  readonly stanza: Element;
  readonly settle: (() => void) | undefined;
}

const COUNTER = 2 ** 32;

/** Who has what: stream management (https://xmpp.org/extensions/xep-0198.html) over the lives of several connections. */
export class Acknowledgements {
  resumptionId: string | undefined;
  isEnabled = false;
  /** Stanzas of the server that we have dealt with. */
  received = 0;
  #acknowledged = 0;
  #queue: Sent[] = [];
  #isAsking = false;

  /** A new stream: nothing was said in it. What nobody acknowledged in the old one is gone. */
  begin(resumptionId: string | undefined, isEnabled: boolean): void {
    this.resumptionId = resumptionId;
    this.isEnabled = isEnabled;
    this.received = 0;
    this.#acknowledged = 0;
    this.#queue = [];
    this.#isAsking = false;
  }

  /** The old stream goes on: returns what must be said again. */
  resume(acknowledged: number): readonly Element[] {
    this.acknowledge(acknowledged);
    this.#isAsking = false;
    return this.#queue.map(({ stanza }) => stanza);
  }

  /** Notes a stanza that goes out; `settle` is called when the server has it. */
  sent(stanza: Element, settle?: () => void): void {
    if (this.isEnabled) this.#queue.push({ stanza, settle });
  }

  get isFull(): boolean {
    return this.#queue.length >= limits.unacknowledged;
  }

  /** The question to ask now, if one is due. Only one is under way at a time. */
  question(isUrgent: boolean): Element | undefined {
    if (!this.isEnabled || this.#isAsking || this.#queue.length === 0) return undefined;
    if (!isUrgent && this.#queue.length < 20) return undefined;
    this.#isAsking = true;
    return xml('r', { xmlns: ns.smacks });
  }

  answer(): Element {
    return xml('a', { xmlns: ns.smacks, h: String(this.received) });
  }

  count(): void {
    this.received = (this.received + 1) % COUNTER;
  }

  acknowledge(total: number): void {
    this.#isAsking = false;
    if (!Number.isInteger(total)) return;
    const newly = (total - this.#acknowledged + COUNTER) % COUNTER;
    // More than we sent is nonsense: believing it would settle nothing true.
    if (newly > this.#queue.length) return;
    this.#acknowledged = total;
    for (const { settle } of this.#queue.splice(0, newly)) settle?.();
  }

  get hasWaiting(): boolean {
    return this.#queue.some(({ settle }) => settle !== undefined);
  }
}
