import type { EventEmitter } from 'node:events';
import type { Component } from '../components/component.ts';
import type { LogLine } from './logs.ts';
import type { ComponentState, ComponentStatus } from './supervised.ts';

export type Action = 'start' | 'stop' | 'restart';

export interface KeeperEvents {
  /** After each change of state. */
  state: [ComponentStatus];
}

/** Watches over one component: a program that control runs itself, or a container that the engine runs. */
export interface Keeper extends EventEmitter<KeeperEvents> {
  readonly component: Component;
  readonly state: ComponentState;
  status(): ComponentStatus;
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
  /** The last `count` lines that it printed, oldest first. Throws KOSMOS_ERR_CONTAINERS_OFF. */
  lastLines(count: number): Promise<LogLine[]>;
}
