import { KosmosError } from '../foundation/errors.ts';
import type { Logger } from '../foundation/logging.ts';
import type { Appliance, Component, ComponentName } from '../components/component.ts';
import { Contained } from './contained.ts';
import { DockerDriver } from './drivers/docker.ts';
import type { Driver } from './drivers/driver.ts';
import type { Action, Keeper } from './keeper.ts';
import { ComponentLog } from './logs.ts';
import { checkAction, Supervised, type ComponentStatus } from './supervised.ts';

const START_LIMIT = 60_000;
/** For all components together; systemd and Docker give 10 s and more, a person at Ctrl-C expects less. */
const STOP_BUDGET = 3_500;

/** All components of the appliance. */
export class Supervisor {
  readonly #all: readonly Keeper[];

  constructor(components: readonly Component[], appliance: () => Appliance, driver: Driver | DockerDriver, logger: Logger) {
    this.#all = components.map((component) => {
      const log = new ComponentLog(appliance().settings.dataFolder, component.name);
      const about = logger.child({ about: component.name });
      if (driver instanceof DockerDriver) return new Contained(component, appliance, driver, log, about);
      return new Supervised(component, appliance, driver, log, about);
    });
  }

  get components(): readonly Keeper[] {
    return this.#all;
  }

  /** Throws KOSMOS_ERR_COMPONENT_NOT_FOUND. */
  get(name: string): Keeper {
    const found = this.#all.find(({ component }) => component.name === name);
    if (!found) throw new KosmosError('KOSMOS_ERR_COMPONENT_NOT_FOUND', { component: name.slice(0, 40) });
    return found;
  }

  /** Starts every component once those it comes after are ready, or gave up. Resolves when each has settled. */
  async startAll(): Promise<void> {
    const settled = new Map<ComponentName, Promise<unknown>>();
    const startOne = (supervised: Keeper): Promise<unknown> => {
      const { name, after } = supervised.component;
      const existing = settled.get(name);
      if (existing) return existing;
      const before = this.#all.filter((other) => after.includes(other.component.name));
      const promise = Promise.all(before.map(startOne)).then(() => {
        supervised.start();
        return supervised.untilSettled(START_LIMIT);
      });
      settled.set(name, promise);
      return promise;
    };
    await Promise.all(this.#all.map(startOne));
  }

  /** Stops one after another, in the order given to the constructor, within the budget. */
  async stopAll(): Promise<void> {
    const end = Date.now() + STOP_BUDGET;
    for (const supervised of this.#all) {
      const left = Math.max(end - Date.now(), 0);
      await supervised.close(Math.max(left / 2, 200));
    }
  }

  /** Renders every configuration anew, for a changed domain or certificate. */
  async applyConfiguration(): Promise<void> {
    for (const supervised of this.#all) await supervised.applyConfiguration();
  }

  /** Throws KOSMOS_ERR_COMPONENT_NOT_FOUND, or KOSMOS_ERR_COMPONENT_ACTION if it makes no sense now. */
  checkAct(name: string, action: Action): void {
    const supervised = this.get(name);
    if (action !== 'restart') checkAction(supervised, action);
  }

  /** Throws as `checkAct` does, or KOSMOS_ERR_CONTAINERS_OFF. Resolves once the component is ready, stopped or failed. */
  async act(name: string, action: Action): Promise<ComponentStatus> {
    const supervised = this.get(name);
    await supervised.act(action);
    await supervised.untilSettled(START_LIMIT);
    return supervised.status();
  }

  statuses(): Record<string, ComponentStatus> {
    return Object.fromEntries(this.#all.map((supervised) => [supervised.component.name, supervised.status()]));
  }
}
