import { registerDestructor } from '@ember/destroyable';
import { tracked } from '@glimmer/tracking';
import type { HouseComponent, LogLine, Sample } from './types.ts';

/** Something in the appliance has changed; which fields there are depends on the type. */
export interface Change {
  type: string;
  team?: string;
  channel?: string;
  account?: string;
  name?: string;
}

interface Heard {
  change: Change;
  component: HouseComponent;
  sample: Sample;
  log: LogLine & { component: string };
  reset: object;
}

type Kind = keyof Heard;
const retryAfter = 5_000;
const kinds: readonly Kind[] = ['change', 'component', 'sample', 'log', 'reset'];

/** The one stream of what happens, as long as the panel is open. The browser connects again by itself and misses nothing. */
export class LiveEvents {
  @tracked isConnected = true;
  private source: EventSource | undefined;
  private address = '';
  private log: string | undefined;
  private isOpen = false;
  /** The last change that was heard: another stream goes on from there. */
  private heardUpTo = '';
  private readonly listeners = new Map<Kind, Set<(data: never) => void>>(kinds.map((kind) => [kind, new Set()]));

  constructor(private readonly topics: () => readonly string[]) {}

  open(): void {
    this.isOpen = true;
    this.connect();
  }

  close(): void {
    this.isOpen = false;
    this.address = '';
    this.source?.close();
    this.source = undefined;
  }

  /** The log of one component is followed too, or none. */
  follow(log: string | undefined): void {
    this.log = log;
    if (this.isOpen) this.connect();
  }

  /** Listens for as long as `owner` lives. */
  on<K extends Kind>(owner: object, kind: K, listener: (data: Heard[K]) => void): void {
    const listeners = this.listeners.get(kind);
    listeners?.add(listener as (data: never) => void);
    registerDestructor(owner, () => listeners?.delete(listener as (data: never) => void));
  }

  /** Calls when something of these types changed, in that team if one is named, or when changes may have been missed. */
  onChange(owner: object, types: RegExp, react: () => void): void {
    this.on(owner, 'change', ({ type }) => types.test(type) && react());
    this.on(owner, 'reset', react);
  }

  private connect(): void {
    const query = new URLSearchParams({ topics: this.topics().join(',') });
    if (this.log !== undefined) query.set('log', this.log);
    const address = `/api/events?${query.toString()}`;
    if (address === this.address) return;
    this.address = address;
    this.source?.close();
    if (this.heardUpTo) query.set('after', this.heardUpTo);
    const source = new EventSource(`/api/events?${query.toString()}`);
    source.addEventListener('open', () => (this.isConnected = true));
    source.addEventListener('error', () => this.onBreak(source));
    for (const kind of kinds) source.addEventListener(kind, (event: MessageEvent<string>) => this.hear(kind, event));
    this.source = source;
  }

  /** The browser tries again by itself, unless it was refused. */
  private onBreak(source: EventSource): void {
    if (source !== this.source) return;
    this.isConnected = false;
    if (source.readyState !== EventSource.CLOSED) return;
    window.setTimeout(() => {
      if (source !== this.source) return;
      this.address = '';
      this.connect();
    }, retryAfter);
  }

  private hear(kind: Kind, { data, lastEventId }: MessageEvent<string>): void {
    if (lastEventId) this.heardUpTo = lastEventId;
    const heard = JSON.parse(data) as never;
    for (const listener of this.listeners.get(kind) ?? []) listener(heard);
  }
}
