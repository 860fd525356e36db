import type { Component, Launch } from '../../components/component.ts';
import type { ProcessUsage } from '../proc.ts';

/** How a run of a program ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One run of a component's program. */
export interface Run {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** Resolves once the program is gone; it is asked first and killed after `grace` milliseconds. */
  stop(grace: number): Promise<void>;
  reload(): void;
  /** Undefined once it is gone. */
  usage(): ProcessUsage | undefined;
}

/** Runs programs: as children on bare metal, as containers in Compose. */
export interface Driver {
  /** Throws KOSMOS_ERR_PROGRAM_MISSING. What the program prints goes to `print`, a line at a time. */
  start(component: Pick<Component, 'name' | 'package'>, launch: Launch, print: (line: string) => void): Promise<Run>;
}
