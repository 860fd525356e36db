import { EventEmitter, once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { isKosmosError, KosmosError, messageOf } from '../foundation/errors.ts';
import type { Logger } from '../foundation/logging.ts';
import type { Appliance, Component } from '../components/component.ts';
import { Backoff } from './backoff.ts';
import type { Driver, Exit, Run } from './drivers/driver.ts';
import { ExternalRun } from './drivers/external.ts';
import type { Action, Keeper, KeeperEvents } from './keeper.ts';
import type { ComponentLog } from './logs.ts';
import type { ProcessUsage } from './proc.ts';

/**
 * `starting` until it answers, `ready` while it does, `unresponsive` when it stopped answering, `waiting` between a crash and the
 * next start, `failed` after a crash loop, `stopped` by an admin or because the appliance ends.
 */
export type ComponentState = 'stopped' | 'starting' | 'ready' | 'unresponsive' | 'waiting' | 'failed' | 'stopping';

export interface ComponentStatus {
  readonly state: ComponentState;
  readonly since: string;
  /** How often it was started again since control runs. */
  readonly restarts: number;
  /** Why it is not ready, for people. */
  readonly reason?: string;
  readonly pid?: number;
  /** Bytes, as proportional set size. */
  readonly memory?: number;
  /** Share of one core since the last look. */
  readonly cpu?: number;
}

const FIRST_PROBE = 50;
const LONGEST_PROBE_PAUSE = 500;
const PROBE_EVERY = 5_000;
const PROBE_LIMIT = 4_000;
/** A program that starts and never answers is ended and counted as a crash. */
const START_LIMIT = 45_000;
const MOST_MISSED_PROBES = 3;
const STOP_GRACE = 3_000;

/** One component under supervision: runs its program, watches that it answers, starts it again when it ends. */
export class Supervised extends EventEmitter<KeeperEvents> implements Keeper {
  readonly component: Component;
  readonly log: ComponentLog;
  readonly #driver: Driver;
  readonly #logger: Logger;
  readonly #appliance: () => Appliance;
  readonly #backoff = new Backoff();
  #state: ComponentState = 'stopped';
  #since = new Date().toISOString();
  #reason: string | undefined;
  #restarts = -1;
  #run: Run | undefined;
  #loop: Promise<void> | undefined;
  #halt = new AbortController();
  #lastCpu = { at: 0, seconds: 0 };

  constructor(component: Component, appliance: () => Appliance, driver: Driver, log: ComponentLog, logger: Logger) {
    super();
    this.component = component;
    this.log = log;
    this.#appliance = appliance;
    this.#driver = driver;
    this.#logger = logger;
  }

  get state(): ComponentState {
    return this.#state;
  }

  status(): ComponentStatus {
    const usage = this.#run?.usage();
    return {
      state: this.#state,
      since: this.#since,
      restarts: Math.max(this.#restarts, 0),
      ...(this.#reason === undefined ? {} : { reason: this.#reason }),
      ...(usage && this.#run ? { pid: this.#run.pid, memory: usage.memory, cpu: this.#cpuShare(usage.cpuSeconds) } : {}),
    };
  }

  /** What its program uses, and which process that is; undefined while none runs. */
  usage(): (ProcessUsage & { readonly pid: number }) | undefined {
    const usage = this.#run?.usage();
    return usage && this.#run ? { ...usage, pid: this.#run.pid } : undefined;
  }

  /** Begins to run it, if it does not run; `untilSettled` tells how it went. */
  start(): void {
    if (this.#loop) return;
    this.#backoff.reset();
    this.#halt = new AbortController();
    this.#loop = this.#keepRunning(this.#halt.signal).finally(() => (this.#loop = undefined));
  }

  async close(grace: number): Promise<void> {
    await this.stop(grace);
    this.log.close();
  }

  async act(action: Action): Promise<void> {
    if (action !== 'restart') checkAction(this, action);
    if (action !== 'start') await this.stop();
    if (action !== 'stop') this.start();
  }

  /** Resolves once the program is gone; it is killed after `grace` milliseconds. */
  async stop(grace = STOP_GRACE): Promise<void> {
    if (!this.#loop) return this.#enter('stopped');
    this.#enter('stopping');
    this.#halt.abort();
    await this.#run?.stop(grace);
    await this.#loop;
    this.#enter('stopped');
  }

  /** Resolves with the state once it is ready, failed or stopped, or with the present one after `limit` milliseconds. */
  async untilSettled(limit: number): Promise<ComponentState> {
    const signal = AbortSignal.timeout(limit);
    while (!signal.aborted && this.#state !== 'ready' && this.#state !== 'failed' && this.#state !== 'stopped') {
      await once(this, 'state', { signal }).catch(() => undefined);
    }
    return this.#state;
  }

  /** Renders the configuration and has the running program take it up. */
  async applyConfiguration(): Promise<void> {
    if (this.component.isExternal?.(this.#appliance())) return;
    const effect = this.component.configure(this.#appliance());
    if (effect === 'none' || !this.#run) return;
    this.#logger.info({ effect }, 'configuration changed');
    if (effect === 'reload' && this.component.reload) return this.component.reload(this.#appliance());
    if (effect === 'reload') return this.#run.reload();
    await this.stop();
    this.start();
  }

  async #keepRunning(halt: AbortSignal): Promise<void> {
    while (!halt.aborted) {
      const began = Date.now();
      const reason = await this.#runOnce(halt).catch((error: unknown) => this.#couldNotStart(error));
      if (halt.aborted) return;
      const pause = reason === undefined ? undefined : this.#backoff.afterCrash(Date.now() - began);
      if (pause === undefined) return this.#enter('failed', reason ?? this.#reason);
      this.#enter('waiting', reason);
      await wait(pause, undefined, { signal: halt }).catch(() => undefined);
    }
  }

  /** One life of the program; tells why it ended. */
  async #runOnce(halt: AbortSignal): Promise<string> {
    const appliance = this.#appliance();
    this.#restarts += 1;
    this.#enter('starting');
    const run = await this.#launch(appliance);
    this.#run = run;
    const over = new AbortController();
    const ended = run.exited.then((exit) => {
      over.abort();
      this.#run = undefined;
      return `it ended ${describeExit(exit)}`;
    });
    if (halt.aborted) await run.stop(STOP_GRACE);
    const fault = await this.#watch(AbortSignal.any([over.signal, halt]), Date.now() + START_LIMIT);
    if (fault === undefined || halt.aborted) return ended;
    await run.stop(STOP_GRACE);
    return fault;
  }

  async #launch(appliance: Appliance): Promise<Run> {
    if (this.component.isExternal?.(appliance)) return new ExternalRun();
    this.component.configure(appliance);
    return this.#driver.start(this.component, this.component.launch(appliance), (line) => this.log.add(line));
  }

  /** Probes until the program ends (undefined) or has not answered for too long (the reason). */
  async #watch(over: AbortSignal, answersBefore: number): Promise<string | undefined> {
    let pause = FIRST_PROBE;
    let missed = 0;
    while (!over.aborted) {
      const fault = await this.#probe(over);
      if (over.aborted) return undefined;
      if (fault === undefined) {
        missed = 0;
        if (this.#state !== 'ready') this.#enter('ready');
      } else if (this.#state === 'starting') {
        if (Date.now() > answersBefore) return `it did not answer after its start: ${fault}`;
      } else {
        missed += 1;
        this.#enter('unresponsive', fault);
        if (missed >= MOST_MISSED_PROBES) return `it stopped answering: ${fault}`;
      }
      pause = this.#state === 'starting' ? Math.min(pause * 1.5, LONGEST_PROBE_PAUSE) : PROBE_EVERY;
      await wait(pause, undefined, { signal: over }).catch(() => undefined);
    }
    return undefined;
  }

  async #probe(over: AbortSignal): Promise<string | undefined> {
    const limit = AbortSignal.timeout(PROBE_LIMIT);
    try {
      await this.component.checkReady(this.#appliance(), AbortSignal.any([over, limit]));
      return undefined;
    } catch (error) {
      return limit.aborted ? `no answer within ${PROBE_LIMIT / 1000} s` : messageOf(error);
    }
  }

  /** A missing program will not appear by trying again: undefined, so that the component is `failed` at once. */
  #couldNotStart(error: unknown): string | undefined {
    this.#reason = messageOf(error);
    if (isKosmosError(error, 'KOSMOS_ERR_PROGRAM_MISSING')) return undefined;
    this.#logger.error({ err: error }, 'could not start');
    return this.#reason;
  }

  #enter(state: ComponentState, reason?: string): void {
    if (state === this.#state && reason === this.#reason) return;
    this.#state = state;
    this.#reason = reason;
    this.#since = new Date().toISOString();
    const level = state === 'failed' || state === 'waiting' || state === 'unresponsive' ? 'warn' : 'info';
    this.#logger[level](
      { state, ...(reason ? { reason } : {}), ...(this.#run ? { pid: this.#run.pid } : {}) },
      `${this.component.title}: ${state}`,
    );
    this.emit('state', this.status());
  }

  #cpuShare(seconds: number): number {
    const at = performance.now() / 1000;
    const elapsed = at - this.#lastCpu.at;
    const used = seconds - this.#lastCpu.seconds;
    this.#lastCpu = { at, seconds };
    return elapsed > 0 && used >= 0 ? Math.round((used / elapsed) * 1000) / 1000 : 0;
  }
}

function describeExit({ code, signal }: Exit): string {
  return signal ? `by ${signal}` : `with code ${code}`;
}

/** What an admin may ask of a component. Throws KOSMOS_ERR_COMPONENT_ACTION if it makes no sense now. */
export function checkAction(keeper: Pick<Keeper, 'state' | 'component'>, action: 'start' | 'stop'): void {
  const runs = !['stopped', 'failed'].includes(keeper.state);
  if ((action === 'start') === runs) {
    const reason = runs ? 'it runs already' : 'it does not run';
    throw new KosmosError('KOSMOS_ERR_COMPONENT_ACTION', { component: keeper.component.name, action, reason });
  }
}
