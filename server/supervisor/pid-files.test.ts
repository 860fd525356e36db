import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findRunning, prepareRunFolder, removePidFile, writePidFile } from './pid-files.ts';
import { findStartTime } from './proc.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(path.join(os.tmpdir(), 'kosmos-run-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('makes a folder for nobody else, and closes one that was open', () => {
  const run = path.join(folder, 'data/run');
  prepareRunFolder(run);
  expect(statSync(run).mode & 0o777).toBe(0o700);
  chmodSync(run, 0o777);
  prepareRunFolder(run);
  expect(statSync(run).mode & 0o777).toBe(0o700);
});

it('takes no folder that somebody put there to lead it elsewhere', () => {
  mkdirSync(path.join(folder, 'elsewhere'));
  symlinkSync(path.join(folder, 'elsewhere'), path.join(folder, 'run'));
  expect(() => prepareRunFolder(path.join(folder, 'run'))).toThrow(
    expect.objectContaining({ code: 'KOSMOS_ERR_SETTING', details: expect.objectContaining({ variable: 'KOSMOS_DATA' }) }),
  );
});

it('knows a process by its number and its start', () => {
  writePidFile(folder, 'control', process.pid);
  expect(findRunning(folder, 'control')).toEqual({ pid: process.pid, startTime: findStartTime(process.pid) });
  removePidFile(folder, 'control');
  expect(findRunning(folder, 'control')).toBeUndefined();
  removePidFile(folder, 'control');
});

it.each(['', '{', 'null', '1', '{"pid":"x"}'])('takes a file that says %j for no process', (content) => {
  writeFileSync(path.join(folder, 'control.pid'), content);
  expect(findRunning(folder, 'control')).toBeUndefined();
});
