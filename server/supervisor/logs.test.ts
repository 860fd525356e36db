import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ComponentLog } from './logs.ts';

const MEBIBYTE = 1024 * 1024;
let folder: string;
let file: string;
let log: ComponentLog | undefined;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'kosmos-logs-'));
  file = path.join(folder, 'logs/ergo.log');
});
afterEach(() => {
  log?.close();
  log = undefined;
  rmSync(folder, { recursive: true, force: true });
});

function open(): ComponentLog {
  log?.close();
  return (log = new ComponentLog(folder, 'ergo'));
}
const texts = (count = 5_000): string[] => log!.last(count).map(({ text }) => text);

it('keeps lines in memory and in a file for nobody else, each with its time', () => {
  open().add('one');
  log!.add('two words');
  expect(texts()).toEqual(['one', 'two words']);
  expect(texts(1)).toEqual(['two words']);
  expect(log!.last(0)).toEqual([]);
  expect(readFileSync(file, 'utf8')).toBe(
    log!
      .last(2)
      .map(({ at, text }) => `${at} ${text}\n`)
      .join(''),
  );
  expect(log!.last(1)[0]!.at).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(path.dirname(file)).mode & 0o777).toBe(0o700);
});

it('remembers the last 2,000 lines, also over a restart of control', () => {
  open();
  for (let number = 1; number <= 2_500; number++) log!.add(`line ${number}`);
  expect(texts()).toHaveLength(2_000);
  expect([texts()[0], texts().at(-1)]).toEqual(['line 501', 'line 2500']);
  const before = log!.last(2_000);
  expect(open().last(2_000)).toEqual(before);
  log!.add('line 2501');
  expect([texts()[0], texts().at(-1)]).toEqual(['line 502', 'line 2501']);
});

it('cuts a line that is too long', () => {
  open().add('x'.repeat(100_000));
  expect(texts()[0]).toHaveLength(8_192);
  expect(statSync(file).size).toBeLessThan(8_300);
});

it('starts a new file before one grows over 5 MiB, and keeps three old ones', () => {
  mkdirSync(path.dirname(file));
  for (let round = 1; round <= 5; round++) {
    writeFileSync(file, `${'x'.repeat(5 * MEBIBYTE - 10)}\n`);
    open().add(`round ${round}`);
    expect(readFileSync(file, 'utf8')).toMatch(new RegExp(`^\\S+ round ${round}\\n$`));
  }
  expect(readdirSync(path.dirname(file)).sort()).toEqual(['ergo.log', 'ergo.log.1', 'ergo.log.2', 'ergo.log.3']);
  for (const number of [1, 2, 3]) expect(statSync(`${file}.${number}`).size).toBeLessThanOrEqual(5 * MEBIBYTE);
  open().add('more');
  expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(3);
});

it('follows a stream line by line', async () => {
  const stream = Readable.from(['one\ntw', 'o\r\nthr', 'ee']);
  open().capture(stream);
  await once(stream, 'close');
  expect(texts()).toEqual(['one', 'two', 'three']);
});

it('takes no harm from what a program prints while control stops', () => {
  const closed = open();
  closed.add('before');
  closed.close();
  closed.add('after');
  closed.close();
  log = undefined;
  expect(readFileSync(file, 'utf8')).toMatch(/before\n$/);
});

it('goes on in memory when the file cannot be written, and in the file once it can', () => {
  mkdirSync(path.join(`${file}.3`, 'in-the-way'), { recursive: true });
  writeFileSync(`${file}.2`, '');
  writeFileSync(file, `${'x'.repeat(5 * MEBIBYTE - 10)}\n`);
  open().add('no file takes this');
  expect(texts()).toContain('no file takes this');
  rmSync(`${file}.3`, { recursive: true });
  log!.add('this is kept');
  expect(texts().slice(-2)).toEqual(['no file takes this', 'this is kept']);
  expect(readFileSync(file, 'utf8')).toMatch(/^\S+ this is kept\n$/);
});
