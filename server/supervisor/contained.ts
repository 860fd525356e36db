import { EventEmitter, once } from 'node:events';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isKosmosError, messageOf } from '../foundation/errors.ts';
import { writeFileAtomic } from '../foundation/files.ts';
import type { Logger } from '../foundation/logging.ts';
import type { Appliance, Component, ConfigurationEffect } from '../components/component.ts';
import type { Container, DockerDriver } from './drivers/docker.ts';
import type { Action, Keeper, KeeperEvents } from './keeper.ts';
import type { ComponentLog } from './logs.ts';
import type { ProcessUsage } from './proc.ts';
import { checkAction, type ComponentState, type ComponentStatus } from './supervised.ts';

const LOOK_EVERY = 5_000;
const LOOK_WHILE_AWAY = 1_000;
const PROBE_LIMIT = 4_000;
const MOST_MISSED_PROBES = 3;
/** After a start that an admin asked for, what the engine says may lag behind. */
const SETTLE_LIMIT = 5_000;

/**
 * One component in a container of its own. The engine runs it and starts it again when it ends; control tells whether it answers, has it
 * take up its configuration, and restarts it when it hangs. Without the proxy to the engine all but the last goes on.
 */
export class Contained extends EventEmitter<KeeperEvents> implements Keeper {
  readonly component: Component;
  readonly log: ComponentLog;
  readonly #driver: DockerDriver;
  readonly #appliance: () => Appliance;
  readonly #logger: Logger;
  readonly #end = new AbortController();
  #loop: Promise<void> | undefined;
  #wake = new AbortController();
  #state: ComponentState = 'starting';
  #since = new Date().toISOString();
  #reason: string | undefined;
  #restarts = 0;
  #missed = 0;
  #isToReload = false;
  #readUntil = this.#since;
  #container: Container | undefined;
  #usage: ProcessUsage | undefined;
  #cpu = { at: 0, seconds: 0, share: 0 };

  constructor(component: Component, appliance: () => Appliance, driver: DockerDriver, log: ComponentLog, logger: Logger) {
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
    return {
      ...{ state: this.#state, since: this.#since, restarts: this.#restarts },
      ...(this.#reason === undefined ? {} : { reason: this.#reason }),
      ...(this.#container?.isRunning ? { pid: this.#container.pid } : {}),
      ...(this.#usage && this.#container?.isRunning ? { memory: this.#usage.memory, cpu: this.#cpu.share } : {}),
    };
  }

  usage(): (ProcessUsage & { readonly pid: number }) | undefined {
    return this.#usage && this.#container?.isRunning ? { ...this.#usage, pid: this.#container.pid } : undefined;
  }

  start(): void {
    this.#loop ??= this.#watch(this.#end.signal);
  }

  async close(): Promise<void> {
    this.#end.abort();
    this.#wake.abort();
    await this.#loop;
    this.log.close();
  }

  async act(action: Action): Promise<void> {
    if (action !== 'restart') checkAction(this, action);
    await this.#driver.act(this.component.name, action);
    this.#missed = 0;
    await this.#lookUntil(action === 'stop' ? 'stopped' : 'ready');
  }

  async untilSettled(limit: number): Promise<ComponentState> {
    const signal = AbortSignal.timeout(limit);
    while (!signal.aborted && this.#state !== 'ready' && this.#state !== 'failed' && this.#state !== 'stopped') {
      await once(this, 'state', { signal }).catch(() => undefined);
    }
    return this.#state;
  }

  async applyConfiguration(): Promise<void> {
    const appliance = this.#appliance();
    if (this.component.isExternal?.(appliance)) return;
    const effect = this.component.configure(appliance);
    if (effect === 'none') return;
    this.#logger.info({ effect }, 'configuration changed');
    if (this.component.reload) await this.#reload();
    else this.#mark(appliance, effect);
  }

  /** A program that cannot be told now is told once it is ready; one that starts later reads its configuration then. */
  async #reload(): Promise<void> {
    try {
      await this.component.reload?.(this.#appliance());
      this.#isToReload = false;
    } catch (error) {
      this.#isToReload = true;
      this.#logger.info(`its configuration is taken up later: ${messageOf(error)}`);
    }
  }

  /** The script that runs the server in its container (deploy/containers/server) looks at this file. */
  #mark({ settings }: Appliance, effect: ConfigurationEffect): void {
    writeFileAtomic(path.join(settings.dataFolder, this.component.name, 'apply'), `${effect} ${Date.now()}\n`);
  }

  async #watch(end: AbortSignal): Promise<void> {
    await this.applyConfiguration();
    while (!end.aborted) {
      await this.#look();
      const pause = this.#state === 'ready' ? LOOK_EVERY : LOOK_WHILE_AWAY;
      await wait(pause, undefined, { signal: this.#wake.signal }).catch(() => undefined);
      if (this.#wake.signal.aborted) this.#wake = new AbortController();
    }
  }

  async #lookUntil(state: ComponentState): Promise<void> {
    const signal = AbortSignal.timeout(SETTLE_LIMIT);
    this.#enter('starting');
    while (!signal.aborted && !this.#end.signal.aborted && this.state !== state) {
      this.#wake.abort();
      await once(this, 'state', { signal: AbortSignal.any([signal, AbortSignal.timeout(LOOK_WHILE_AWAY)]) }).catch(() => undefined);
    }
  }

  async #look(): Promise<void> {
    const isExternal = this.component.isExternal?.(this.#appliance()) ?? false;
    const container = isExternal ? undefined : await this.#findContainer();
    if (container && !container.isRunning) {
      this.#usage = undefined;
      if (container.isFresh) return this.#enter('starting', 'its container was not started yet');
      if (container.isRestarting) return this.#enter('waiting', `it ended with code ${container.exitCode}; the engine starts it again`);
      return this.#enter('stopped', `its container ended with code ${container.exitCode} or was stopped`);
    }
    const fault = await this.#probe();
    if (this.#end.signal.aborted) return;
    if (fault === undefined) {
      this.#missed = 0;
      if (this.#isToReload) await this.#reload();
      return this.#enter('ready');
    }
    if (this.#state !== 'ready' && this.#state !== 'unresponsive') return this.#enter('starting', fault);
    this.#enter('unresponsive', fault);
    this.#missed += 1;
    if (this.#missed >= MOST_MISSED_PROBES && container) await this.#restartHanging();
  }

  /** Undefined where there is no proxy to ask, or no container of that name. */
  async #findContainer(): Promise<Container | undefined> {
    try {
      const container = await this.#driver.find(this.component.name);
      if (this.#container && container?.isRunning && container.startedAt !== this.#container.startedAt) {
        this.#restarts += 1;
        this.#enter('starting');
      }
      this.#container = container;
      if (container?.isRunning) await this.#measure();
      await this.#collectLog();
      return container;
    } catch (error) {
      if (!isKosmosError(error, 'KOSMOS_ERR_CONTAINERS_OFF')) this.#logger.warn({ err: error }, 'the engine could not be asked');
      this.#container = undefined;
      return undefined;
    }
  }

  /** What the container printed since the last look; at first, what it printed since control runs. */
  async #collectLog(): Promise<void> {
    const lines = await this.#driver.linesSince(this.component.name, this.#readUntil);
    for (const { text } of lines) this.log.add(text);
    this.#readUntil = lines.at(-1)?.at ?? this.#readUntil;
  }

  async #measure(): Promise<void> {
    this.#usage = await this.#driver.findUsage(this.component.name);
    if (!this.#usage) return;
    const at = performance.now() / 1000;
    const used = this.#usage.cpuSeconds - this.#cpu.seconds;
    const share = this.#cpu.at > 0 && used >= 0 ? Math.round((used / (at - this.#cpu.at)) * 1000) / 1000 : 0;
    this.#cpu = { at, seconds: this.#usage.cpuSeconds, share };
  }

  async #restartHanging(): Promise<void> {
    this.#missed = 0;
    this.#logger.warn(`${this.component.title} stopped answering: restarting its container`);
    await this.#driver
      .act(this.component.name, 'restart')
      .catch((error: unknown) => this.#logger.error({ err: error }, 'could not restart'));
  }

  async #probe(): Promise<string | undefined> {
    const limit = AbortSignal.timeout(PROBE_LIMIT);
    try {
      await this.component.checkReady(this.#appliance(), AbortSignal.any([this.#end.signal, limit]));
      return undefined;
    } catch (error) {
      return limit.aborted ? `no answer within ${PROBE_LIMIT / 1000} s` : messageOf(error);
    }
  }

  #enter(state: ComponentState, reason?: string): void {
    if (state === this.#state && reason === this.#reason) return;
    const isNews = state !== this.#state;
    this.#state = state;
    this.#reason = reason;
    if (!isNews) return;
    this.#since = new Date().toISOString();
    const level = state === 'waiting' || state === 'unresponsive' || state === 'stopped' ? 'warn' : 'info';
    this.#logger[level]({ state, ...(reason ? { reason } : {}) }, `${this.component.title}: ${state}`);
    this.emit('state', this.status());
  }
}
