const ACTION = '\u0001ACTION ';
const CTCP = '\u0001';

export type MessageKind = 'message' | 'me' | 'notice';

/** Undefined for CTCP requests that are no text (https://modern.ircdocs.horse/ctcp). */
export function readText(command: string, text: string): { kind: MessageKind; content: string } | undefined {
  if (text.startsWith(ACTION)) return { kind: 'me', content: withoutEnd(text.slice(ACTION.length)) };
  if (text.startsWith(CTCP)) return undefined;
  return { kind: command === 'NOTICE' ? 'notice' : 'message', content: text };
}

function withoutEnd(text: string): string {
  return text.endsWith(CTCP) ? text.slice(0, -1) : text;
}

export function writeText(kind: MessageKind, line: string): string {
  return kind === 'me' ? `${ACTION}${line}${CTCP}` : line;
}

/** What CTCP ACTION adds to a line. */
export const ACTION_BYTES = ACTION.length + CTCP.length;

/** Lines of a text, without control characters that would end a line or begin a CTCP. Empty ones are kept. */
export function linesOf(content: string): string[] {
  return content
    .replaceAll('\0', '')
    .replaceAll(CTCP, '')
    .split(/\r\n|\r|\n/);
}

/** Pieces of at most `limit` bytes, cut between characters, at a space where one is near. Joined they are the line again. */
export function splitBytes(line: string, limit: number): string[] {
  const pieces: string[] = [];
  let rest = Buffer.from(line);
  while (rest.length > limit) {
    const end = cutBefore(rest, limit);
    pieces.push(rest.subarray(0, end).toString());
    rest = rest.subarray(end);
  }
  pieces.push(rest.toString());
  return pieces;
}

const SPACE = 0x20;
/** Bytes 10xxxxxx go on with a character (RFC 3629). */
const goesOn = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

function cutBefore(bytes: Buffer, limit: number): number {
  const space = bytes.lastIndexOf(SPACE, limit - 1);
  if (space > limit / 2) return space + 1;
  let end = limit;
  while (end > 0 && goesOn(bytes[end])) end -= 1;
  return end > 0 ? end : limit;
}
