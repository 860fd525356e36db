import type { Element } from '../xml/element.ts';
import type { Transport, TransportListener } from './transport.ts';

/** After a resumption everything that was missed may follow at once; no server keeps more for one client. */
const MOST_WAITING = 5_000;

/** Turns a transport into questions and answers, for as long as logging in takes. */
export class Dialogue implements TransportListener {
  readonly #transport: Transport;
  #waiting: Element[] = [];
  #next: { resolve(element: Element): void; reject(error: Error): void } | undefined;
  #closedReason: string | undefined;

  constructor(transport: Transport) {
    this.#transport = transport;
    transport.listener = this;
  }

  /** Opens the stream and returns its features. What came before is forgotten: it was said outside of TLS or before the log-in. */
  async open(domain: string): Promise<Element> {
    this.#waiting = [];
    this.#transport.open(domain);
    const features = await this.next();
    if (features.name !== 'features') throw new Error(describeStreamError(features));
    return features;
  }

  ask(question: Element): Promise<Element> {
    this.#transport.send(question);
    return this.next();
  }

  next(): Promise<Element> {
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) return Promise.resolve(waiting);
    if (this.#closedReason !== undefined) return Promise.reject(new Error(this.#closedReason));
    return new Promise((resolve, reject) => {
      this.#next = { resolve, reject };
    });
  }

  /** Ends the dialogue: from here on `listener` hears everything, beginning with what nobody asked for. */
  handOver(listener: TransportListener): void {
    this.#transport.listener = listener;
    for (const element of this.#waiting) listener.received(element);
    if (this.#closedReason !== undefined) listener.closed(this.#closedReason);
  }

  opened(): void {
    // Its features follow.
  }

  received(element: Element): void {
    const next = this.#next;
    this.#next = undefined;
    if (next !== undefined) next.resolve(element);
    else if (this.#waiting.length < MOST_WAITING) this.#waiting.push(element);
  }

  closed(reason: string): void {
    this.#closedReason = reason;
    this.#next?.reject(new Error(reason));
    this.#next = undefined;
  }
}

/** A stream error (RFC 6120, 4.9) or whatever else came instead of what was due. */
export function describeStreamError(element: Element): string {
  return `the server answered <${element.name}>: ${describeCondition(element)}`;
}

/** The condition and the text of an error element, as a person can read it. */
export function describeCondition(error: Element | undefined): string {
  let condition = '';
  let text = '';
  for (const node of error?.children ?? []) {
    if (typeof node === 'string') continue;
    if (node.name === 'text') text ||= node.children.filter((part) => typeof part === 'string').join('');
    else condition ||= node.name.replaceAll('-', ' ');
  }
  const shown = text.slice(0, 200);
  if (condition === '') return shown || 'no reason given';
  return shown === '' ? condition : `${condition} (${shown})`;
}
