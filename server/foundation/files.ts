import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Replaces a file as one step: readers see the old text or the new, also after a crash. */
export function writeFileAtomic(file: string, content: string | Buffer, mode = 0o600): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const fresh = `${file}.${randomBytes(4).toString('hex')}.new`;
  try {
    writeDurably(fresh, content, mode);
    renameSync(fresh, file);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}

/** Writes only what differs; true if the file changed. */
export function updateFile(file: string, content: string, mode = 0o600): boolean {
  if (existsSync(file) && readFileSync(file, 'utf8') === content) return false;
  writeFileAtomic(file, content, mode);
  return true;
}

function writeDurably(file: string, content: string | Buffer, mode: number): void {
  const descriptor = openSync(file, 'wx', mode);
  try {
    // Not writeSync, which may write a part and say so by its result alone: a full disk must not cut a file short.
    writeFileSync(descriptor, content);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
