import { tracked } from '@glimmer/tracking';
import type { Message } from './message.ts';

/** Most messages kept in memory; what is further away is asked for again. */
const windowSize = 2000;

/** A window onto a conversation's messages, oldest first. */
export class Timeline {
  /** Nothing lies before the first message. */
  @tracked isAtStart = false;
  /** The window reaches to the present: what comes in live is added. */
  @tracked isAtEnd = true;
  @tracked isLoaded = false;
  /** Somebody reads further up: what comes in at the end must not push that out of the window. */
  isHeld = false;
  @tracked loading: 'none' | 'older' | 'newer' = 'none';
  @tracked private list: readonly Message[] = [];
  private readonly ids = new Map<string, Message>();

  get messages(): readonly Message[] {
    return this.list;
  }

  get newest(): Message | undefined {
    return this.list.at(-1);
  }

  get oldest(): Message | undefined {
    return this.list[0];
  }

  find(id: string | undefined): Message | undefined {
    return id === undefined ? undefined : this.ids.get(id);
  }

  findOrigin(originId: string | undefined): Message | undefined {
    return originId === undefined ? undefined : this.list.findLast((message) => message.originId === originId);
  }

  /** Adds in order of time; a message that is there already is left alone. Returns those that were new. */
  merge(messages: readonly Message[], keep: 'older' | 'newer' = this.isHeld ? 'older' : 'newer'): Message[] {
    const fresh = messages.filter((message) => !(message.id !== undefined && this.ids.has(message.id)));
    for (const message of fresh) if (message.id !== undefined) this.ids.set(message.id, message);
    if (fresh.length > 0) this.list = this.trim(this.inserted(fresh), keep);
    return fresh;
  }

  /** The id that the server gave to a message of ours. */
  settle(message: Message, id: string | undefined, published: number | undefined): void {
    if (id !== undefined) {
      message.id = id;
      this.ids.set(id, message);
    }
    message.state = 'sent';
    if (published === undefined || published === message.published) return;
    message.published = published;
    const others = this.list.filter((other) => other !== message);
    this.list = place(others, message);
  }

  remove(message: Message): void {
    if (message.id !== undefined) this.ids.delete(message.id);
    this.list = this.list.filter((other) => other !== message);
  }

  /** Starts anew from another place. */
  reset(): void {
    this.ids.clear();
    this.list = [];
    this.isAtStart = false;
    this.isAtEnd = true;
    this.isLoaded = false;
    this.loading = 'none';
  }

  private inserted(fresh: readonly Message[]): Message[] {
    const last = this.list.at(-1);
    const [first] = fresh;
    if (!last || !first || first.published >= last.published) return inOrder([...this.list], fresh);
    return [...this.list, ...fresh].sort((one, other) => one.published - other.published);
  }

  private trim(list: Message[], keep: 'older' | 'newer'): Message[] {
    const excess = list.length - windowSize;
    if (excess <= 0) return list;
    const dropped = keep === 'newer' ? list.splice(0, excess) : list.splice(windowSize, excess);
    for (const message of dropped) if (message.id !== undefined) this.ids.delete(message.id);
    if (keep === 'newer') this.isAtStart = false;
    else this.isAtEnd = false;
    return list;
  }
}

function inOrder(list: Message[], fresh: readonly Message[]): Message[] {
  list.push(...[...fresh].sort((one, other) => one.published - other.published));
  return list;
}

function place(list: readonly Message[], message: Message): Message[] {
  const at = list.findLastIndex((other) => other.published <= message.published) + 1;
  return [...list.slice(0, at), message, ...list.slice(at)];
}
