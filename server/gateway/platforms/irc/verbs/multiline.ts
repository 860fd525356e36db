import type { OutgoingMessage } from '../connection/message.ts';

export interface MultilineOptions {
  readonly command: string;
  readonly target: string;
  /** Go with the batch, that is with the message as a whole. */
  readonly tags: Readonly<Record<string, string>>;
  /** The value of the capability: `max-bytes=4096,max-lines=100`. */
  readonly limits: string;
}

type BatchMessages = [OutgoingMessage, ...OutgoingMessage[]];

interface Piece {
  readonly content: string;
  /** Goes on with the line before it. */
  readonly concat: boolean;
}

let counter = 0;

/**
 * A long text as one message of several lines (https://ircv3.net/specs/extensions/multiline, draft); as several such if it is longer
 * than the server takes. `lines` are cut already so that each piece fits a line of IRC.
 */
export function multilineBatches(lines: readonly (readonly string[])[], options: MultilineOptions): BatchMessages[] {
  const mostBytes = Number(/max-bytes=(\d+)/.exec(options.limits)?.[1] ?? 4096);
  const mostLines = Number(/max-lines=(\d+)/.exec(options.limits)?.[1] ?? 100);
  const groups: Piece[][] = [];
  let bytes = 0;
  for (const piece of lines.flatMap(piecesOf)) {
    const group = groups.at(-1);
    const size = Buffer.byteLength(piece.content) + 1;
    if (!group || group.length >= mostLines || bytes + size > mostBytes) {
      groups.push([{ ...piece, concat: false }]);
      bytes = size;
    } else {
      group.push(piece);
      bytes += size;
    }
  }
  // A batch of nothing but empty lines is refused (FAIL BATCH MULTILINE_INVALID).
  return groups.filter((group) => group.some(({ content }) => content !== '')).map((group, index) => batchOf(group, index === 0, options));
}

function piecesOf(line: readonly string[]): Piece[] {
  return line.map((content, index) => ({ content, concat: index > 0 }));
}

function batchOf(pieces: readonly Piece[], first: boolean, { command, target, tags }: MultilineOptions): BatchMessages {
  counter += 1;
  const reference = `m${counter.toString(36)}`;
  const inside = pieces.map(({ content, concat }): OutgoingMessage => ({
    tags: { batch: reference, ...(concat ? { 'draft/multiline-concat': '' } : {}) },
    command,
    params: [target, content],
  }));
  const opening = { tags: first ? tags : {}, command: 'BATCH', params: [`+${reference}`, 'draft/multiline', target] };
  return [opening, ...inside, { command: 'BATCH', params: [`-${reference}`] }];
}
