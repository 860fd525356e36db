import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { updateFile, writeFileAtomic } from './files.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(path.join(os.tmpdir(), 'kosmos-files-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('writes a file for nobody else, in a folder that it makes', () => {
  const file = path.join(folder, 'a/b/config');
  writeFileAtomic(file, 'one');
  writeFileAtomic(file, Buffer.from('two'), 0o640);
  expect(readFileSync(file, 'utf8')).toBe('two');
  expect(statSync(file).mode & 0o777).toBe(0o640);
  expect(readdirSync(path.dirname(file))).toEqual(['config']);
});

it('replaces the file, so that whoever reads the old one reads it to its end', () => {
  const file = path.join(folder, 'config');
  writeFileAtomic(file, 'old');
  const { ino } = statSync(file);
  writeFileAtomic(file, 'new');
  expect(statSync(file).ino).not.toBe(ino);
});

it('leaves nothing behind when it fails', () => {
  const taken = path.join(folder, 'config');
  mkdirSync(path.join(taken, 'is-a-folder'), { recursive: true });
  expect(() => writeFileAtomic(taken, 'text')).toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
  expect(readdirSync(folder)).toEqual(['config']);
});

it('keeps the old text when the disk takes only a part of the new', () => {
  const file = path.join(folder, 'config');
  writeFileSync(file, 'old');
  const script = `import('${path.join(import.meta.dirname, 'files.ts')}').then(({ writeFileAtomic }) => writeFileAtomic(process.argv[1], 'x'.repeat(5000)))`;
  const limited = ['-c', 'ulimit -f 1; exec "$0" --import tsx -e "$1" "$2"', process.execPath, script, file];
  expect(() => execFileSync('bash', limited, { stdio: 'ignore', timeout: 15_000 })).toThrow();
  expect(readFileSync(file, 'utf8')).toBe('old');
});

it('writes only what differs, and says whether it did', () => {
  const file = path.join(folder, 'config');
  expect(updateFile(file, 'one')).toBe(true);
  const { ino } = statSync(file);
  expect(updateFile(file, 'one')).toBe(false);
  expect(statSync(file).ino).toBe(ino);
  expect(updateFile(file, 'two')).toBe(true);
  expect(readFileSync(file, 'utf8')).toBe('two');
});
