import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { KosmosError } from '../foundation/errors.ts';
import { writeFileAtomic } from '../foundation/files.ts';
import { findStartTime } from './proc.ts';

export interface ProcessMark {
  readonly pid: number;
  readonly startTime: number;
}

const POLL = 20;

/**
 * Makes the folder of sockets and pid files, for the user who runs the appliance alone. It may be in /tmp, where another user could
 * have made it first: throws KOSMOS_ERR_SETTING if it is not ours.
 */
export function prepareRunFolder(runFolder: string): void {
  mkdirSync(runFolder, { recursive: true, mode: 0o700 });
  const folder = lstatSync(runFolder);
  if (!folder.isDirectory() || folder.uid !== process.geteuid?.()) {
    throw new KosmosError('KOSMOS_ERR_SETTING', { variable: 'KOSMOS_DATA', reason: `${runFolder} belongs to another user` });
  }
  chmodSync(runFolder, 0o700);
}

/** Remembers a running process, so that a later start can find it again. */
export function writePidFile(runFolder: string, name: string, pid: number): void {
  const startTime = findStartTime(pid);
  if (startTime !== undefined) writeFileAtomic(pidFile(runFolder, name), JSON.stringify({ pid, startTime }));
}

export function removePidFile(runFolder: string, name: string): void {
  rmSync(pidFile(runFolder, name), { force: true });
}

/** The process that the file names, if that very process still runs. */
export function findRunning(runFolder: string, name: string): ProcessMark | undefined {
  const file = pidFile(runFolder, name);
  if (!existsSync(file)) return undefined;
  try {
    const mark = JSON.parse(readFileSync(file, 'utf8')) as ProcessMark;
    const startTime = findStartTime(mark.pid);
    return startTime !== undefined && startTime === mark.startTime ? mark : undefined;
  } catch {
    return undefined;
  }
}

/** Ends what an earlier control that was killed left behind: asked first, killed after `grace` milliseconds. Returns their names. */
export async function endLeftovers(runFolder: string, except: string, grace = 2_000): Promise<string[]> {
  const names = existsSync(runFolder) ? readdirSync(runFolder).flatMap((file) => /^(.+)\.pid$/.exec(file)?.[1] ?? []) : [];
  const leftovers = names.filter((name) => name !== except).map((name) => ({ name, mark: findRunning(runFolder, name) }));
  const ended = await Promise.all(
    leftovers.map(async ({ name, mark }) => {
      if (mark) await endProcess(mark, grace);
      removePidFile(runFolder, name);
      return mark ? [name] : [];
    }),
  );
  return ended.flat();
}

async function endProcess(mark: ProcessMark, grace: number): Promise<void> {
  const runs = (): boolean => findStartTime(mark.pid) === mark.startTime;
  signalGroup(mark.pid, 'SIGTERM');
  for (const end = Date.now() + grace; runs() && Date.now() < end;) await wait(POLL);
  if (runs()) signalGroup(mark.pid, 'SIGKILL');
  while (runs()) await wait(POLL);
}

/** Signals a process and what it started: every child of ours leads a group of its own. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function pidFile(runFolder: string, name: string): string {
  return path.join(runFolder, `${name}.pid`);
}
