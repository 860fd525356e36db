export type CompletionKind = 'person' | 'channel' | 'emoji' | 'command';

/** The word before the caret that may be completed. */
export interface Token {
  kind: CompletionKind;
  query: string;
  /** Where the word begins, its mark included. */
  start: number;
}

const marks: Record<string, CompletionKind> = { '@': 'person', '#': 'channel', ':': 'emoji' };

export function tokenAt(text: string, caret: number): Token | undefined {
  const before = text.slice(0, caret);
  const command = /^\/([a-z]*)$/i.exec(before);
  if (command) return { kind: 'command', query: command[1] as string, start: 0 };
  const match = /(^|[\s([{"'])([@#:])([\p{L}\p{N}_.+-]*)$/u.exec(before);
  if (!match) return undefined;
  const [, lead, mark, query] = match as unknown as [string, string, string, string];
  const kind = marks[mark] as CompletionKind;
  if (kind === 'emoji' && query.length < 2) return undefined;
  return { kind, query, start: match.index + lead.length };
}

/** The text with the word completed, and where the caret goes. */
export function complete(text: string, caret: number, token: Token, insert: string): { text: string; caret: number } {
  const after = text.slice(caret);
  const space = after.startsWith(' ') ? '' : ' ';
  const head = `${text.slice(0, token.start)}${insert}${space}`;
  return { text: head + after, caret: head.length + (space ? 0 : 1) };
}
