import { isUtf8 } from 'node:buffer';

/** Tags may take 8191 bytes and a line 512 (IRCv3 message tags); some servers allow longer lines. */
const LONGEST_LINE = 16_384;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

/**
 * Cuts a byte stream into lines. A line longer than 16 KiB is skipped to its end, so memory stays bounded. Text that is not UTF-8 is
 * read as Latin-1, which old networks still use: no byte makes it fail.
 */
export class LineReader {
  #rest: Buffer = Buffer.alloc(0);
  #skipping = false;

  push(chunk: Buffer): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      const line = this.#take(chunk.subarray(start, end));
      if (line) lines.push(line);
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
    return lines;
  }

  #take(end: Buffer): string {
    const skipped = this.#skipping;
    this.#skipping = false;
    const bytes = this.#rest.length === 0 ? end : Buffer.concat([this.#rest, end]);
    this.#rest = Buffer.alloc(0);
    return skipped || bytes.length > LONGEST_LINE ? '' : decode(bytes);
  }

  #keep(rest: Buffer): void {
    if (this.#skipping || rest.length === 0) return;
    if (this.#rest.length + rest.length > LONGEST_LINE) {
      this.#skipping = true;
      this.#rest = Buffer.alloc(0);
    } else {
      // A copy: the chunk it came with may be large.
      this.#rest = Buffer.concat([this.#rest, rest]);
    }
  }
}

function decode(bytes: Buffer): string {
  const line = bytes.at(-1) === RETURN ? bytes.subarray(0, -1) : bytes;
  return line.toString(isUtf8(line) ? 'utf8' : 'latin1').replaceAll('\0', '');
}
