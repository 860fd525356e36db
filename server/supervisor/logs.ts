import { EventEmitter } from 'node:events';
import { closeSync, createReadStream, existsSync, fstatSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { createInterface } from 'node:readline';

const LINES_IN_MEMORY = 2_000;
const LONGEST_LINE = 8_192;
const LARGEST_FILE = 5 * 1024 * 1024;
const OLD_FILES = 3;

export interface LogLine {
  readonly at: string;
  readonly text: string;
}

/** What a component printed: the last lines in memory, and all of it in `data/logs/<name>.log`, of which the last 20 MB are kept. */
export class ComponentLog {
  readonly #file: string;
  readonly #lines: LogLine[] = [];
  readonly #added = new EventEmitter<{ line: [LogLine] }>().setMaxListeners(0);
  /** Undefined once it is closed. */
  #descriptor: number | undefined;
  #size: number;

  constructor(dataFolder: string, name: string) {
    this.#file = path.join(dataFolder, 'logs', `${name}.log`);
    mkdirSync(path.dirname(this.#file), { recursive: true, mode: 0o700 });
    this.#lines.push(...readLastLines(this.#file));
    this.#descriptor = openSync(this.#file, 'a', 0o600);
    this.#size = fstatSync(this.#descriptor).size;
  }

  /** Follows a stream line by line until it ends. */
  capture(stream: Readable): void {
    createInterface({ input: stream, crlfDelay: Infinity }).on('line', (text) => this.add(text));
  }

  add(text: string): void {
    const line = { at: new Date().toISOString(), text: text.slice(0, LONGEST_LINE) };
    this.#keep(line, `${line.at} ${line.text}\n`);
  }

  /** A line of control's own, which is JSON with its time in it, written as it is. */
  write(json: string): void {
    this.#keep(lineOf(json) ?? { at: new Date().toISOString(), text: json.trimEnd() }, json);
  }

  #keep(line: LogLine, written: string): void {
    this.#lines.push(line);
    if (this.#lines.length > LINES_IN_MEMORY) this.#lines.shift();
    this.#added.emit('line', line);
    try {
      this.#write(Buffer.from(written));
    } catch {
      // A full disk or a folder that was changed must not end control; the line is in memory.
    }
  }

  /** The last `count` lines, oldest first. */
  last(count: number): LogLine[] {
    return count > 0 ? this.#lines.slice(-count) : [];
  }

  /** Calls `listener` with each new line; returns the way to stop. */
  onLine(listener: (line: LogLine) => void): () => void {
    this.#added.on('line', listener);
    return () => this.#added.off('line', listener);
  }

  /** All that is kept, oldest first, as it stands in the files: up to 20 MB. */
  async *read(): AsyncGenerator<string> {
    for (let number = OLD_FILES; number >= 0; number--) {
      const file = number === 0 ? this.#file : `${this.#file}.${number}`;
      if (!existsSync(file)) continue;
      for await (const line of createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity })) yield `${line}\n`;
    }
  }

  /** Idempotent. What a program prints on its way out may come later still: that is kept in memory alone. */
  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #write(written: Buffer): void {
    if (this.#descriptor === undefined) return;
    if (this.#size + written.length > LARGEST_FILE) this.#descriptor = this.#rotate(this.#descriptor);
    writeSync(this.#descriptor, written);
    this.#size += written.length;
  }

  /** The descriptor of a fresh file; the old one is closed once that is there. */
  #rotate(old: number): number {
    for (let number = OLD_FILES; number > 0; number--) {
      const older = number === 1 ? this.#file : `${this.#file}.${number - 1}`;
      if (existsSync(older)) renameSync(older, `${this.#file}.${number}`);
    }
    const fresh = openSync(this.#file, 'a', 0o600);
    closeSync(old);
    this.#size = 0;
    return fresh;
  }
}

function readLastLines(file: string): LogLine[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-LINES_IN_MEMORY);
  return lines.flatMap((line) => {
    const space = line.indexOf(' ');
    const plain = space > 0 ? { at: line.slice(0, space), text: line.slice(space + 1) } : undefined;
    return (line.startsWith('{') ? lineOf(line) : plain) ?? [];
  });
}

function lineOf(json: string): LogLine | undefined {
  try {
    const { time, level, msg, ...rest } = JSON.parse(json) as Record<string, unknown>;
    delete rest['component'];
    const more = Object.keys(rest).length > 0 ? ` ${JSON.stringify(rest)}` : '';
    return { at: String(time), text: `${String(level)}: ${String(msg ?? '')}${more}`.slice(0, LONGEST_LINE) };
  } catch {
    return undefined;
  }
}
