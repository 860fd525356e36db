import { createHash, randomUUID } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import type { Payload } from './exchange.ts';

/**
 * Keeps what `content` yields on disk while `work` sends it: a bucket wants to know length and digest before the first byte, an app's
 * connection may be slower than a bucket waits, and a try that fails is made again. The file has no name, so nothing stays behind.
 */
export async function spool<T>(folder: string, content: AsyncIterable<Buffer>, work: (payload: Payload) => Promise<T>): Promise<T> {
  const file = path.join(folder, `upload-${randomUUID()}`);
  const handle = await open(file, 'wx+', 0o600);
  try {
    await rm(file);
    return await work(await fill(handle, content));
  } finally {
    await handle.close();
  }
}

const PIECE = 64 * 1024;

async function fill(handle: FileHandle, content: AsyncIterable<Buffer>): Promise<Payload> {
  const hash = createHash('sha256');
  let length = 0;
  for await (const chunk of content) {
    hash.update(chunk);
    await handle.writeFile(chunk);
    length += chunk.length;
  }
  return { length, sha256: hash.digest('hex'), read: () => Readable.from(readAll(handle), { objectMode: false }) };
}

/** From the beginning, whatever else is read at the same time. */
async function* readAll(handle: FileHandle): AsyncGenerator<Buffer> {
  for (let position = 0; ;) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(PIECE), 0, PIECE, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
