import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { writeFileAtomic } from '../foundation/files.ts';
import { findUsage, type ProcessUsage } from './proc.ts';
import type { Supervised } from './supervised.ts';

export interface Sample {
  /** Bytes, as proportional set size. */
  readonly memory: number;
  /** Share of one core since the sample before. */
  readonly cpu: number;
}

/** What each program used at one moment. */
export interface SamplePoint {
  readonly at: string;
  readonly components: Readonly<Record<string, Sample>>;
}

const EVERY = 30_000;
/** Six hours. */
const MOST_POINTS = 720;
const SAVE_EVERY = 20;

interface Reading {
  readonly pid: number;
  readonly usage: ProcessUsage;
}

/**
 * Looks at memory and CPU of control and its components twice a minute, and keeps six hours of it in memory. An orderly end saves
 * them, and so does every tenth minute: a restart leaves a gap, not an empty chart.
 */
export class Sampler extends EventEmitter<{ sample: [SamplePoint] }> {
  readonly every = EVERY;
  readonly #components: readonly Pick<Supervised, 'component' | 'usage'>[];
  readonly #file: string;
  readonly #now: () => number;
  #points: SamplePoint[];
  #before: { at: number; readings: Map<string, Reading> } = { at: 0, readings: new Map() };
  #timer: NodeJS.Timeout | undefined;

  constructor(components: readonly Pick<Supervised, 'component' | 'usage'>[], dataFolder: string, now: () => number = Date.now) {
    super();
    this.setMaxListeners(0);
    this.#components = components;
    this.#file = path.join(dataFolder, 'logs', 'samples.json');
    this.#now = now;
    this.#points = this.#readSaved();
  }

  start(): void {
    this.sample();
    this.#timer = setInterval(() => this.sample(), EVERY).unref();
  }

  close(): void {
    if (!this.#timer) return;
    clearInterval(this.#timer);
    this.#save();
  }

  /** Oldest first. */
  get points(): readonly SamplePoint[] {
    return this.#points;
  }

  sample(): void {
    const at = this.#now();
    const readings = this.#read();
    const elapsed = (at - this.#before.at) / 1000;
    const components = [...readings].map(([name, reading]) => [
      name,
      { memory: reading.usage.memory, cpu: this.#share(name, reading, elapsed) },
    ]);
    const point = { at: new Date(at).toISOString(), components: Object.fromEntries(components) as Record<string, Sample> };
    this.#before = { at, readings };
    this.#points.push(point);
    if (this.#points.length > MOST_POINTS) this.#points.shift();
    if (this.#points.length % SAVE_EVERY === 0) this.#save();
    this.emit('sample', point);
  }

  #read(): Map<string, Reading> {
    const readings = new Map<string, Reading>();
    const own = findUsage(process.pid);
    if (own) readings.set('control', { pid: process.pid, usage: own });
    for (const { component, usage } of this.#components.map((supervised) => ({
      component: supervised.component,
      usage: supervised.usage(),
    }))) {
      if (usage) readings.set(component.name, { pid: usage.pid, usage });
    }
    return readings;
  }

  /** Of a process that is new, nothing is known yet. */
  #share(name: string, { pid, usage }: Reading, elapsed: number): number {
    const before = this.#before.readings.get(name);
    if (before?.pid !== pid || elapsed <= 0) return 0;
    return Math.max(Math.round(((usage.cpuSeconds - before.usage.cpuSeconds) / elapsed) * 1000) / 1000, 0);
  }

  #save(): void {
    try {
      writeFileAtomic(this.#file, JSON.stringify(this.#points));
    } catch {
      // A full disk must not end control: the charts are the least that is lost then.
    }
  }

  #readSaved(): SamplePoint[] {
    try {
      const oldest = new Date(this.#now() - MOST_POINTS * EVERY).toISOString();
      const saved = JSON.parse(readFileSync(this.#file, 'utf8')) as SamplePoint[];
      return saved.filter(({ at }) => at > oldest).slice(-MOST_POINTS);
    } catch {
      return [];
    }
  }
}
