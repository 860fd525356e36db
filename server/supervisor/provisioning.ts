import { EventEmitter, once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { messageOf } from '../foundation/errors.ts';
import type { Logger } from '../foundation/logging.ts';
import type { Outbox } from '../database/events.ts';
import type { LiveSession, Provisioner } from '../components/component.ts';
import type { Keeper } from './keeper.ts';

const FIRST_RETRY = 250;
const LONGEST_RETRY = 15_000;
/** For one reconciliation or one event. */
const WORK_LIMIT = 60_000;

/**
 * Carries what the database says to one server: everything when the server became ready, then event by event in their order. What
 * fails is made good by reconciling anew, so a server that was away, lost its data or refused once ends up right all the same.
 */
export class Provisioning {
  readonly #outbox: Outbox;
  readonly #supervised: Keeper;
  readonly #provisioner: Provisioner;
  readonly #logger: Logger;
  readonly #closing = new AbortController();
  readonly #signals = new EventEmitter<{ wake: []; applied: [] }>().setMaxListeners(0);
  #reconciled = false;
  /** Rises whenever what the server holds came into doubt, so that a reconciliation under way does not count as one of afterwards. */
  #doubts = 0;
  #applied = 0;
  #fault: string | undefined;
  #loop: Promise<void> = Promise.resolve();
  #stopListening: () => void = () => undefined;

  constructor(outbox: Outbox, supervised: Keeper, provisioner: Provisioner, logger: Logger) {
    this.#outbox = outbox;
    this.#supervised = supervised;
    this.#provisioner = provisioner;
    this.#logger = logger;
  }

  start(): void {
    const wake = (): boolean => this.#signals.emit('wake');
    const onState = (): void => {
      if (this.#supervised.state !== 'ready') this.#doubt();
      wake();
    };
    this.#supervised.on('state', onState);
    const stopFollowing = this.#outbox.onCommit(wake);
    this.#stopListening = () => {
      this.#supervised.off('state', onState);
      stopFollowing();
    };
    this.#loop = this.#work();
  }

  /** Whether the server has taken up everything up to that event; waits for it for `limit` milliseconds at most. */
  async untilApplied(event: number, limit: number): Promise<boolean> {
    const signal = AbortSignal.any([AbortSignal.timeout(limit), this.#closing.signal]);
    while (!signal.aborted && (!this.#reconciled || this.#applied < event)) {
      await once(this.#signals, 'applied', { signal }).catch(() => undefined);
    }
    return this.#reconciled && this.#applied >= event;
  }

  /** Who is connected to the server; nobody while it is away or does not answer in time. */
  async listSessions(limit: number): Promise<LiveSession[]> {
    if (this.#supervised.state !== 'ready') return [];
    const signal = AbortSignal.any([AbortSignal.timeout(limit), this.#closing.signal]);
    return this.#provisioner.listSessions(signal).catch(() => []);
  }

  /** The component that it provisions, whether it is up and not yet as the database says, and why. */
  get status(): { readonly component: string; readonly isLate: boolean; readonly fault: string | undefined } {
    const { component, state } = this.#supervised;
    const fault = state === 'ready' ? this.#fault : `it is not ready (${this.#supervised.status().reason ?? state})`;
    return { component: component.name, isLate: state === 'ready' && !this.#reconciled, fault };
  }

  /** Has everything checked against the database again. */
  reconcileAgain(): void {
    this.#doubt();
    this.#signals.emit('wake');
  }

  async close(): Promise<void> {
    this.#stopListening();
    this.#closing.abort();
    await this.#provisioner.close();
    await this.#loop;
  }

  async #work(): Promise<void> {
    const { signal } = this.#closing;
    let pause = FIRST_RETRY;
    while (!signal.aborted) {
      const woken = once(this.#signals, 'wake', { signal }).catch(() => undefined);
      try {
        const idle = this.#supervised.state !== 'ready' || !(await this.#step());
        pause = FIRST_RETRY;
        this.#fault = undefined;
        if (idle) await woken;
      } catch (error) {
        this.#reconciled = false;
        this.#fault = messageOf(error);
        if (signal.aborted) return;
        this.#logger.warn({ err: error }, 'provisioning failed, trying again');
        await wait(pause, undefined, { signal }).catch(() => undefined);
        pause = Math.min(pause * 2, LONGEST_RETRY);
      }
    }
  }

  /** Reconciles or applies the next events; false if there was nothing to do. */
  async #step(): Promise<boolean> {
    if (!this.#reconciled) {
      const doubts = this.#doubts;
      const latest = await this.#outbox.findLatest();
      await this.#provisioner.reconcile(this.#limit());
      this.#reconciled = doubts === this.#doubts;
      this.#moveTo(latest);
      this.#logger.info({ event: latest }, 'server is as the database says');
      return true;
    }
    const events = await this.#outbox.findAfter(this.#applied);
    for (const event of events) {
      await this.#provisioner.apply(event, this.#limit());
      this.#moveTo(event.id);
    }
    return events.length > 0;
  }

  /** For one call of the provisioner. Throws once this is closed: a provisioner that is closed must not be called. */
  #limit(): AbortSignal {
    this.#closing.signal.throwIfAborted();
    return AbortSignal.any([AbortSignal.timeout(WORK_LIMIT), this.#closing.signal]);
  }

  #doubt(): void {
    this.#reconciled = false;
    this.#doubts += 1;
  }

  #moveTo(event: number): void {
    this.#applied = Math.max(this.#applied, event);
    this.#signals.emit('applied');
  }
}
