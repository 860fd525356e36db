import { KosmosError } from '../../../../foundation/errors.ts';

/** One line of IRC, taken apart (RFC 1459 section 2.3.1, IRCv3 message tags). */
export interface IrcMessage {
  readonly tags: Readonly<Record<string, string>>;
  /** `nick!user@host`, a server's name, or empty. */
  readonly source: string;
  /** Upper case. */
  readonly command: string;
  readonly params: readonly string[];
}

/** One line to send. The last parameter may hold anything but line breaks. */
export interface OutgoingMessage {
  readonly tags?: Readonly<Record<string, string>>;
  readonly command: string;
  readonly params?: readonly string[];
}

const noTags: Readonly<Record<string, string>> = Object.freeze({});
const escapes: Readonly<Record<string, string>> = { ':': ';', s: ' ', r: '\r', n: '\n', '\\': '\\' };
/** RFC 1459 allows 15 parameters; more than that is not a message but an attack. */
const MOST_PARAMS = 64;

/** Undefined for a line without a command. */
export function parseMessage(line: string): IrcMessage | undefined {
  let rest = line;
  let tags = noTags;
  let source = '';
  if (rest.startsWith('@')) {
    const end = indexOrEnd(rest, ' ');
    tags = parseTags(rest.slice(1, end));
    rest = rest.slice(end).trimStart();
  }
  if (rest.startsWith(':')) {
    const end = indexOrEnd(rest, ' ');
    source = rest.slice(1, end);
    rest = rest.slice(end).trimStart();
  }
  const [command, ...params] = parseParams(rest);
  return command ? { tags, source, command: command.toUpperCase(), params } : undefined;
}

function parseParams(text: string): string[] {
  const params: string[] = [];
  let rest = text;
  while (rest !== '') {
    if ((rest.startsWith(':') && params.length > 0) || params.length === MOST_PARAMS) {
      params.push(rest.startsWith(':') ? rest.slice(1) : rest);
      break;
    }
    const end = indexOrEnd(rest, ' ');
    params.push(rest.slice(0, end));
    rest = trimSpaces(rest, end);
  }
  return params;
}

function trimSpaces(text: string, from: number): string {
  let start = from;
  while (text[start] === ' ') start += 1;
  return text.slice(start);
}

function indexOrEnd(text: string, character: string): number {
  const index = text.indexOf(character);
  return index === -1 ? text.length : index;
}

function parseTags(text: string): Record<string, string> {
  const tags: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const tag of text.split(';')) {
    const equals = tag.indexOf('=');
    const key = equals === -1 ? tag : tag.slice(0, equals);
    if (key !== '') tags[key] = equals === -1 ? '' : unescapeTag(tag.slice(equals + 1));
  }
  return tags;
}

function unescapeTag(value: string): string {
  if (!value.includes('\\')) return value;
  return value.replace(/\\([\s\S]?)/g, (_, character: string) => escapes[character] ?? character);
}

function escapeTag(value: string): string {
  return value.replace(/[\\; \r\n]/g, (character) => `\\${{ ';': ':', ' ': 's', '\r': 'r', '\n': 'n' }[character] ?? '\\'}`);
}

/** RFC 1459: 512 bytes with the line's end, tags not counted. Longer lines are answered by nobody, or cut. */
const LONGEST_TEXT = 510;
/** IRCv3 message tags: what a client may send, with the space after it. */
const LONGEST_TAGS = 4_094;

function refuse(reason: string): never {
  throw new KosmosError('KOSMOS_ERR_VALIDATION', { reason });
}

/** For lines that people's words are in: throws KOSMOS_ERR_VALIDATION if a server would not take it whole. */
export function checkedLine(message: OutgoingMessage): string {
  const line = serialiseMessage(message);
  const text = line.startsWith('@') ? line.slice(line.indexOf(' ') + 1) : line;
  if (Buffer.byteLength(text) > LONGEST_TEXT || Buffer.byteLength(line) - Buffer.byteLength(text) > LONGEST_TAGS) {
    refuse('it is longer than a line of IRC can be');
  }
  return line;
}

/** The line without its end. Throws KOSMOS_ERR_VALIDATION if a parameter would become another command or parameter. */
export function serialiseMessage({ tags, command, params = [] }: OutgoingMessage): string {
  const last = params.length - 1;
  const words = params.map((param, index) => {
    if (/[\r\n\0]/.test(param)) refuse('it has a line break where IRC allows none');
    const needsColon = param === '' || param.startsWith(':') || param.includes(' ');
    if (needsColon && index < last) refuse('it has a space where IRC allows none');
    return needsColon ? `:${param}` : param;
  });
  return [...serialiseTags(tags), command, ...words].join(' ');
}

function serialiseTags(tags: Readonly<Record<string, string>> | undefined): string[] {
  const pairs = Object.entries(tags ?? {}).map(([key, value]) => (value === '' ? key : `${key}=${escapeTag(value)}`));
  return pairs.length > 0 ? [`@${pairs.join(';')}`] : [];
}

/** The nick of `nick!user@host`; a server's name as it is. */
export function nickOf(source: string): string {
  const end = source.search(/[!@]/);
  return end === -1 ? source : source.slice(0, end);
}

export function isNumeric(message: IrcMessage): boolean {
  return /^\d{3}$/.test(message.command);
}
