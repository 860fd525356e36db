/** Bytes `start` to `end`, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The Range header (RFC 9110, 14.2) for a document of `length` bytes: the range to send, 'unsatisfiable' (416), or undefined where the
 * whole document is the answer: no header, another unit, more than one range, or a text that is not valid.
 */
export function readRange(header: string | undefined, length: number): ByteRange | 'unsatisfiable' | undefined {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(header?.replace(/\s/g, '') ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  if (first === '') return suffix(Number(last), length);
  const start = Number(first);
  const end = last === '' ? length - 1 : Math.min(Number(last), length - 1);
  if (last !== '' && Number(last) < start) return undefined;
  return start >= length ? 'unsatisfiable' : { start, end };
}

function suffix(bytes: number, length: number): ByteRange | 'unsatisfiable' {
  if (bytes === 0 || length === 0) return 'unsatisfiable';
  return { start: Math.max(0, length - bytes), end: length - 1 };
}
