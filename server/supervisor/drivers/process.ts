import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { KosmosError, messageOf } from '../../foundation/errors.ts';
import type { Component, Launch } from '../../components/component.ts';
import { removePidFile, signalGroup, writePidFile } from '../pid-files.ts';
import { findUsage, type ProcessUsage } from '../proc.ts';
import type { Driver, Exit, Run } from './driver.ts';

/** What a child sees of our environment: where programs are and how to write text, none of our settings or secrets. */
const passedOn = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'NODE_EXTRA_CA_CERTS'];

/** Components as children of control, each the leader of a process group, so that Ctrl-C reaches control alone and a stop reaches all. */
export class ProcessDriver implements Driver {
  readonly #runFolder: string;

  constructor(runFolder: string) {
    this.#runFolder = runFolder;
  }

  async start(component: Pick<Component, 'name' | 'package'>, launch: Launch, print: (line: string) => void): Promise<Run> {
    const child = spawn(launch.command, launch.args, {
      cwd: launch.folder,
      env: { ...inherited(), ...launch.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    await spawned(child, launch.command, component.package ?? launch.command);
    const run = new ChildRun(child);
    writePidFile(this.#runFolder, component.name, run.pid);
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) createInterface({ input: stream, crlfDelay: Infinity }).on('line', print);
    }
    void run.exited.then(() => {
      signalGroup(run.pid, 'SIGKILL');
      removePidFile(this.#runFolder, component.name);
    });
    return run;
  }
}

class ChildRun implements Run {
  readonly pid: number;
  readonly exited: Promise<Exit>;

  constructor(child: ChildProcess) {
    this.pid = child.pid ?? 0;
    this.exited = once(child, 'exit').then(([code, signal]) => ({ code: code as number | null, signal: signal as NodeJS.Signals | null }));
  }

  async stop(grace: number): Promise<void> {
    signalGroup(this.pid, 'SIGTERM');
    const timer = setTimeout(() => signalGroup(this.pid, 'SIGKILL'), grace);
    await this.exited;
    clearTimeout(timer);
  }

  reload(): void {
    signalGroup(this.pid, 'SIGHUP');
  }

  usage(): ProcessUsage | undefined {
    return findUsage(this.pid);
  }
}

async function spawned(child: ChildProcess, program: string, debianPackage: string): Promise<void> {
  try {
    await once(child, 'spawn');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (missing) throw new KosmosError('KOSMOS_ERR_PROGRAM_MISSING', { program, package: debianPackage }, { cause: error });
    throw new Error(`${program} could not be started: ${messageOf(error)}`, { cause: error });
  }
}

function inherited(): Record<string, string> {
  return Object.fromEntries(passedOn.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
}
