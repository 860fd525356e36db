import type { EventEmitter } from 'node:events';
import type { Component } from '../components/component.ts';
import type { ComponentLog } from './logs.ts';
import type { ProcessUsage } from './proc.ts';
import type { ComponentState, ComponentStatus } from './supervised.ts';

export type Action = 'start' | 'stop' | 'restart';

export interface KeeperEvents {
  /** After each change of state. */
  state: [ComponentStatus];
}

/** Watches over one component: a program that control runs itself, or a container that the engine runs. */
export interface Keeper extends EventEmitter<KeeperEvents> {
  readonly component: Component;
  /** What it printed. Of a container some seconds late, and nothing while the engine cannot be asked. */
  readonly log: ComponentLog;
  readonly state: ComponentState;
  status(): ComponentStatus;
  /** What its program uses, and which process that is; undefined while none runs. */
  usage(): (ProcessUsage & { readonly pid: number }) | undefined;
  /** Begins to keep it, if that has not begun; `untilSettled` tells how it went. */
  start(): void;
  /** Ends with control: programs of control stop, containers go on. They are killed after `grace` milliseconds. */
  close(grace: number): Promise<void>;
  /** What an admin asks for. Resolves once it is under way; throws KOSMOS_ERR_COMPONENT_ACTION or KOSMOS_ERR_CONTAINERS_OFF. */
  act(action: Action): Promise<void>;
  /** Resolves with the state once it is ready, failed or stopped, or with the present one after `limit` milliseconds. */
  untilSettled(limit: number): Promise<ComponentState>;
  /** Renders the configuration and has the running program take it up. */
  applyConfiguration(): Promise<void>;
}
