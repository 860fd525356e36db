/** One line of IRC (https://modern.ircdocs.horse/#message-format) with its tags (https://ircv3.net/specs/extensions/message-tags). */
export interface Line {
  readonly tags: Readonly<Record<string, string>>;
  /** `nick!user@host` or a server's name; empty where the line has none. */
  readonly source: string;
  /** Upper case, or three digits. */
  readonly command: string;
  readonly parameters: readonly string[];
}

const shape = /^(?:@(\S*) +)?(?::(\S*) +)?(\S+)(?: +(.*))?$/;
const escapes: Record<string, string> = { ':': ';', s: ' ', r: '\r', n: '\n' };

/** Undefined for what is no IRC line. */
export function parseLine(text: string): Line | undefined {
  const [, tags, source, command, rest] = shape.exec(text) ?? [];
  if (command === undefined) return undefined;
  return { tags: parseTags(tags ?? ''), source: source ?? '', command: command.toUpperCase(), parameters: parseParameters(rest ?? '') };
}

/** A line to send. Throws for a parameter that would become another, or another line. */
export function formatLine(command: string, ...parameters: readonly string[]): string {
  const last = parameters.length - 1;
  const parts = parameters.map((parameter, index) => {
    const plain = parameter !== '' && !parameter.includes(' ') && !parameter.startsWith(':');
    if (/[\r\n\0]/.test(parameter) || (!plain && index < last)) throw new Error(`“${parameter}” does not fit into a line of IRC`);
    return plain ? parameter : `:${parameter}`;
  });
  return [command, ...parts].join(' ');
}

function parseTags(text: string): Record<string, string> {
  const pairs = text.split(';').map((tag) => {
    const equals = tag.indexOf('=');
    const [key, value] = equals < 0 ? [tag, ''] : [tag.slice(0, equals), tag.slice(equals + 1)];
    return [key, value.replace(/\\(.?)/g, (_, c: string) => escapes[c] ?? c)];
  });
  return Object.fromEntries(pairs) as Record<string, string>;
}

function parseParameters(text: string): string[] {
  const trailing = text.startsWith(':') ? 0 : text.indexOf(' :');
  if (trailing < 0) return text.split(/ +/).filter(Boolean);
  const middle = text.slice(0, trailing).split(/ +/).filter(Boolean);
  return [...middle, text.slice(text.indexOf(':', trailing) + 1)];
}
