import { parseMessage, type IrcMessage } from './message.ts';

/** What a channel's members get within a moment, and no more memory than that is worth. */
const MOST_KEPT = 256;
const LONGEST_KEPT = 1_024;
const kept = new Map<string, IrcMessage>();

/** The parsed line. One that reaches every member of a channel, byte for byte the same, is parsed once. */
export function readLine(line: string): IrcMessage | undefined {
  const known = kept.get(line);
  if (known) return known;
  const message = parseMessage(line);
  if (message && line.length <= LONGEST_KEPT && isSameForAll(message)) keep(line, message);
  return message;
}

/** With the server's id and time it is the same message wherever it arrives; a label or a batch makes it part of one conversation. */
export function isSameForAll({ tags }: IrcMessage): boolean {
  return tags['msgid'] !== undefined && tags['time'] !== undefined && tags['label'] === undefined && tags['batch'] === undefined;
}

function keep(line: string, message: IrcMessage): void {
  const [oldest] = kept.size < MOST_KEPT ? [] : kept.keys();
  if (oldest !== undefined) kept.delete(oldest);
  kept.set(line, message);
}
