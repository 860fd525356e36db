/** A line that begins with a slash, taken apart. */
export interface Command {
  name: string;
  rest: string;
}

export const commandNames = ['me', 'join', 'part', 'msg', 'topic', 'nick', 'invite', 'kick', 'away', 'help'] as const;
export type CommandName = (typeof commandNames)[number];

const aliases: Record<string, CommandName> = { j: 'join', leave: 'part', query: 'msg', back: 'away', '?': 'help', dm: 'msg', action: 'me' };

/** A slash that is doubled, or followed by another path part, is text: `//`, `/usr/bin`. */
export function parseCommand(text: string): Command | undefined {
  const match = /^\/([a-z?]{1,12})(?:\s+([\s\S]*))?$/i.exec(text.trim());
  if (!match) return undefined;
  const name = (match[1] as string).toLowerCase();
  return { name: aliases[name] ?? name, rest: (match[2] ?? '').trim() };
}

/** `bob hello there` → `bob` and `hello there`. */
export function firstWord(text: string): [string, string] {
  const match = /^(\S+)\s*([\s\S]*)$/.exec(text);
  return match ? [match[1] as string, match[2] as string] : ['', ''];
}
