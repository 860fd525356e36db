import { readFileSync } from 'node:fs';

/** Linux counts CPU time for /proc in hundredths of a second, whatever the kernel's own tick (proc(5), sysconf(_SC_CLK_TCK)). */
const TICKS_PER_SECOND = 100;

export interface ProcessUsage {
  /** Proportional set size in bytes: shared pages count once over all who share them. */
  readonly memory: number;
  /** CPU time used since the process started, in seconds. */
  readonly cpuSeconds: number;
}

/**
 * When a process started, in ticks since boot; undefined if there is none. Process numbers are used again, so that number and start
 * time together say which process is meant. A zombie counts as gone.
 */
export function findStartTime(pid: number): number | undefined {
  const fields = readStat(pid);
  return fields && fields.state !== 'Z' ? fields.startTime : undefined;
}

export function findUsage(pid: number): ProcessUsage | undefined {
  const fields = readStat(pid);
  const memory = fields && readMemory(pid);
  return fields && memory !== undefined ? { memory, cpuSeconds: fields.cpuTicks / TICKS_PER_SECOND } : undefined;
}

/** The command name may hold spaces and brackets, so the fields are counted from the last bracket (proc(5)). */
function readStat(pid: number): { state: string; startTime: number; cpuTicks: number } | undefined {
  const text = read(`/proc/${pid}/stat`);
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  if (!fields) return undefined;
  return { state: fields[0] ?? '', startTime: Number(fields[19]), cpuTicks: Number(fields[11]) + Number(fields[12]) };
}

function readMemory(pid: number): number | undefined {
  const kilobytes = /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`) ?? '')?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
