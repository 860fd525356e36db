import { tracked } from '@glimmer/tracking';
import { Heights } from './window-heights.ts';

/** Drawn beyond what is seen, above and below. */
const overscan = 900;
/** When less than this is left of what is drawn, more is drawn. */
const margin = 300;
/** This near to the end counts as the end. */
const nearEnd = 40;
const hands = ['wheel', 'touchmove', 'keydown', 'pointerdown'] as const;
/** A flick goes on after the finger has left. */
const handLasts = 800;

interface Hooks {
  keys: () => readonly string[];
  /** Whether a row stays with its neighbours when more come before it: the line of a day moves up to the day's first message. */
  isSteady: (key: string) => boolean;
  onScroll: () => void;
}

/** Keeps the reader's place in a list of which only a part is drawn. */
export class ScrollKeeper {
  /** The end is in sight: it stays in sight when something comes. */
  @tracked isPinned = true;
  @tracked private firstKey: string | undefined;
  @tracked private count = 0;
  /** Rows that are drawn before the one of `firstKey`. */
  private before = 0;
  private readonly heights = new Heights(56);
  private readonly elements = new Map<string, HTMLElement>();
  private readonly keyOf = new WeakMap<Element, string>();
  private readonly observer = new ResizeObserver((entries) => this.onResize(entries));
  private scroller: HTMLElement | undefined;
  private lastTop = 0;
  private lastHeight = 0;
  private handledAt = 0;
  private anchor: { key: string; top: number } | undefined;
  /** The list as the page shows it: it may have grown meanwhile, and what stands where is known of this one only. */
  private drawn: readonly string[] = [];
  private showing: { key: string; place: 'start' | 'center' } | undefined;

  constructor(private readonly hooks: Hooks) {}

  attach(scroller: HTMLElement): void {
    this.scroller = scroller;
    this.observer.observe(scroller);
    scroller.addEventListener('scroll', this.onScroll, { passive: true });
    for (const type of hands) scroller.addEventListener(type, this.onHand, { passive: true });
  }

  detach(): void {
    this.scroller?.removeEventListener('scroll', this.onScroll);
    for (const type of hands) this.scroller?.removeEventListener(type, this.onHand);
    this.observer.disconnect();
    this.scroller = undefined;
  }

  watch(element: HTMLElement, key: string): () => void {
    this.elements.set(key, element);
    this.keyOf.set(element, key);
    this.observer.observe(element);
    return () => {
      this.observer.unobserve(element);
      if (this.elements.get(key) === element) this.elements.delete(key);
    };
  }

  /** The rows to draw. */
  range(keys: readonly string[]): { first: number; last: number } {
    if (this.isPinned) return { first: this.fromEnd(keys), last: keys.length };
    const first = Math.max(0, (this.firstKey === undefined ? 0 : keys.indexOf(this.firstKey)) - this.before);
    return { first, last: Math.min(keys.length, first + this.count) };
  }

  above(keys: readonly string[]): number {
    return this.heights.sum(keys, 0, this.range(keys).first);
  }

  below(keys: readonly string[]): number {
    return this.heights.sum(keys, this.range(keys).last, keys.length);
  }

  /** What lies hidden above and below. */
  get distances(): { top: number; bottom: number } {
    const { scroller } = this;
    if (!scroller) return { top: Infinity, bottom: Infinity };
    return { top: scroller.scrollTop, bottom: scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight };
  }

  toEnd(): void {
    this.showing = undefined;
    this.isPinned = true;
    this.settle();
  }

  /** Draws the row and brings it into view. */
  show(key: string, place: 'start' | 'center'): void {
    const keys = this.hooks.keys();
    const at = keys.indexOf(key);
    if (at < 0) return;
    this.isPinned = false;
    this.drawFrom(keys, Math.max(0, at - 15), 40);
    this.showing = { key, place };
    requestAnimationFrame(() => this.settle());
  }

  /** After each drawing, with the list that was drawn. */
  drew(keys: readonly string[]): void {
    this.drawn = keys;
    this.settle();
  }

  /** Puts the anchor back to where it was; called after each drawing and each change of a height. */
  private settle(): void {
    const { scroller, anchor } = this;
    if (!scroller) return;
    if (this.showing && this.bringIntoView(scroller)) return;
    if (this.isPinned) {
      scroller.scrollTop = scroller.scrollHeight;
      this.lastTop = scroller.scrollTop;
      this.lastHeight = scroller.scrollHeight;
    } else if (anchor) {
      const element = this.elements.get(anchor.key);
      const shift = element ? element.getBoundingClientRect().top - scroller.getBoundingClientRect().top - anchor.top : 0;
      if (Math.abs(shift) >= 1) scroller.scrollTop += shift;
    } else this.remember(scroller);
  }

  private bringIntoView(scroller: HTMLElement): boolean {
    const element = this.elements.get(this.showing?.key ?? '');
    if (!element || !this.showing) return false;
    element.scrollIntoView({ block: this.showing.place });
    this.showing = undefined;
    this.remember(scroller);
    return true;
  }

  private onHand = (): void => {
    this.handledAt = performance.now();
  };

  /** Where nothing else moved the place, or somebody touched wheel, keys, screen or scrollbar just now. */
  private isByHand(scroller: HTMLElement): boolean {
    return scroller.scrollHeight === this.lastHeight || performance.now() - this.handledAt < handLasts;
  }

  private onScroll = (): void => {
    const { scroller } = this;
    if (!scroller) return;
    const isUpwards = scroller.scrollTop < this.lastTop - 1 && this.isByHand(scroller);
    this.lastTop = scroller.scrollTop;
    this.lastHeight = scroller.scrollHeight;
    // What grew or shrank moves nobody away from the end: only a scroll upwards does.
    const isPinned = this.distances.bottom <= nearEnd || (this.isPinned && !isUpwards);
    if (isPinned !== this.isPinned) {
      if (!isPinned) this.redraw(scroller);
      this.isPinned = isPinned;
    }
    if (!isPinned && this.isNearEdge(scroller)) this.redraw(scroller);
    this.remember(scroller);
    this.hooks.onScroll();
  };

  private onResize(entries: readonly ResizeObserverEntry[]): void {
    for (const { target } of entries) {
      const key = this.keyOf.get(target);
      if (key !== undefined) this.heights.measure(key, target.getBoundingClientRect().height);
    }
    this.settle();
  }

  /** Whether the reader comes near to where the drawn rows end. */
  private isNearEdge(scroller: HTMLElement): boolean {
    const keys = this.drawn;
    const { first, last } = this.range(keys);
    const view = scroller.getBoundingClientRect();
    const top = this.elements.get(keys[first] ?? '')?.getBoundingClientRect().top;
    const bottom = this.elements.get(keys[last - 1] ?? '')?.getBoundingClientRect().bottom;
    if (top === undefined || bottom === undefined) return true;
    return (first > 0 && top > view.top - margin) || (last < keys.length && bottom < view.bottom + margin);
  }

  private redraw(scroller: HTMLElement): void {
    const keys = this.drawn;
    const lead = this.lead(scroller, keys);
    const { first, last } = this.heights.range(keys, scroller.scrollTop - lead, scroller.clientHeight, overscan);
    this.drawFrom(keys, first, last - first);
  }

  private drawFrom(keys: readonly string[], first: number, count: number): void {
    const steady = keys.findIndex((key, i) => i >= first && this.hooks.isSteady(key));
    this.before = Math.max(0, steady - first);
    this.firstKey = keys[first + this.before];
    this.count = count;
  }

  /** What stands before the first row: the opening of a channel, a line that says loading. */
  private lead(scroller: HTMLElement, keys: readonly string[]): number {
    const { first } = this.range(keys);
    const element = this.elements.get(keys[first] ?? '');
    if (!element) return 0;
    const top = element.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop;
    return Math.max(0, top - this.heights.sum(keys, 0, first));
  }

  /** The uppermost row that is seen becomes the anchor; there is none while a jump has led to where nothing is drawn yet. */
  private remember(scroller: HTMLElement): void {
    const view = scroller.getBoundingClientRect();
    let anchor: { key: string; top: number } | undefined;
    for (const [key, element] of this.elements) {
      const { top, bottom } = element.getBoundingClientRect();
      const isSeen = bottom > view.top && top < view.bottom && this.hooks.isSteady(key);
      if (isSeen && (!anchor || top - view.top < anchor.top)) anchor = { key, top: top - view.top };
    }
    this.anchor = anchor;
  }

  private fromEnd(keys: readonly string[]): number {
    const wanted = (this.scroller?.clientHeight ?? 900) + overscan;
    let first = keys.length;
    for (let height = 0; first > 0 && height < wanted; first--) height += this.heights.of(keys[first - 1] as string);
    return first;
  }
}
