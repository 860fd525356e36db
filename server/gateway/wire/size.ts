/** Deeper than any activity is. */
const DEEPEST = 12;

/** Whether a value takes more than `limit` characters as JSON, about; stops counting there. Too deep counts as too large. */
export function isLargerThan(value: unknown, limit: number): boolean {
  let left = limit;
  const count = (part: unknown, depth: number): void => {
    left -= 2;
    if (left < 0 || depth > DEEPEST) left = -1;
    else if (typeof part === 'string') left -= part.length;
    else if (Array.isArray(part)) for (const item of part) count(item, depth + 1);
    else if (part instanceof Uint8Array || part instanceof ArrayBuffer) left -= part.byteLength;
    else if (typeof part === 'object' && part !== null) {
      for (const [key, item] of Object.entries(part)) {
        left -= key.length;
        count(item, depth + 1);
      }
    } else left -= 4;
  };
  count(value, 0);
  return left < 0;
}
