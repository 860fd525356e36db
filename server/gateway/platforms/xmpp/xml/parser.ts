import { flatten } from './strings.ts';
import type { Element } from './element.ts';

/** What a peer may make us hold. */
export interface XmlLimits {
  /** UTF-16 units of one stanza, markup included. A larger one ends the stream: servers have such a limit themselves. */
  readonly size: number;
  /**
   * Servers pass on whatever nesting somebody sends, so what exceeds the next two is read as a stanza without content: if it ended
   * the stream, one person could throw everybody out of a room, again after each reconnect.
   */
  readonly depth: number;
  readonly elements: number;
}

export interface XmlReader {
  /** The root of a stream, opened but not closed. Without this handler whole documents are read. */
  opened?(header: Element): void;
  read(element: Element): void;
  /** The root was closed. */
  closed?(): void;
}

export class XmlError extends Error {
  override readonly name = 'XmlError';
}

interface Open {
  readonly element: Element & { readonly children: (Element | string)[] };
  readonly tag: string;
  readonly prefixes: Prefixes;
}

type Prefixes = Readonly<Record<string, string>>;

const basePrefixes: Prefixes = { '': '', xml: 'http://www.w3.org/XML/1998/namespace' };
/** https://www.w3.org/TR/xml-names/#NT-NCName */
/* eslint-disable no-misleading-character-class -- the rule takes the bounds of a range for one character */
const nameStart =
  'A-Za-z_\\u{c0}-\\u{d6}\\u{d8}-\\u{f6}\\u{f8}-\\u{2ff}\\u{370}-\\u{37d}\\u{37f}-\\u{1fff}\\u{200c}\\u{200d}\\u{2070}-\\u{218f}' +
  '\\u{2c00}-\\u{2fef}\\u{3001}-\\u{d7ff}\\u{f900}-\\u{fdcf}\\u{fdf0}-\\u{fffd}\\u{10000}-\\u{effff}';
const ncName = `[${nameStart}][${nameStart}.0-9\\u{b7}\\u{300}-\\u{36f}\\u{203f}\\u{2040}\\-]*`;
const name = `${ncName}(?::${ncName})?`;
const startTag = new RegExp(`^<(${name})((?:\\s+${name}\\s*=\\s*(?:"[^"<]*"|'[^'<]*'))*)\\s*(/?)>$`, 'u');
const attribute = new RegExp(`(${name})\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, 'gu');
const endTag = new RegExp(`^</(${name})\\s*>$`, 'u');
/* eslint-enable no-misleading-character-class */
/** UTF-16 units of one tag: a half tag is searched anew with each piece that arrives. */
const LONGEST_TAG = 65_536;
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * Reads the XML that XMPP allows (RFC 6120, 11.1: no comments, processing instructions, document types or entities of one's own),
 * in pieces of any size. Anything else throws XmlError; the reader is of no use afterwards.
 */
export class XmlParser {
  readonly #reader: XmlReader;
  readonly #limits: XmlLimits;
  readonly #stack: Open[] = [];
  #pending = '';
  /** How far `pending` is known not to complete a token, so that no text is searched twice. */
  #searched = 0;
  #size = 0;
  #elements = 0;
  #begun = false;
  #isSkipping = false;

  constructor(reader: XmlReader, limits: XmlLimits) {
    this.#reader = reader;
    this.#limits = limits;
  }

  write(piece: string): void {
    this.#pending += piece;
    let at = 0;
    for (let end = this.#tokenEnd(at); end !== -1; end = this.#tokenEnd(at)) {
      this.#token(this.#pending.slice(at, end));
      at = end;
      this.#searched = at;
    }
    this.#pending = this.#pending.slice(at);
    this.#searched -= at;
    if (this.#size + this.#pending.length > this.#limits.size) throw new XmlError('the stanza is too large');
  }

  /** True between documents: nothing is open or half read. */
  get idle(): boolean {
    return this.#stack.length === 0 && this.#pending.trim() === '';
  }

  #tokenEnd(at: number): number {
    const text = this.#pending;
    if (at >= text.length) return -1;
    if (text[at] !== '<') this.#checkText(at);
    if (text[at] !== '<') return this.#found(text.indexOf('<', Math.max(at, this.#searched)), 0);
    if (text.startsWith('<![CDATA[', at)) return this.#found(text.indexOf(']]>', Math.max(at, this.#searched - 2)), 3);
    if ('<![CDATA['.startsWith(text.slice(at, at + 9))) return -1;
    if (text.length - at > LONGEST_TAG && text.lastIndexOf('>', at + LONGEST_TAG) < at) throw new XmlError('the tag is too long');
    return this.#found(endOfTag(text, at), 0);
  }

  /** Between stanzas nothing but blanks may stand; whoever talks another protocol is told at once. */
  #checkText(at: number): void {
    if (this.#isBetween() && /^\s*[^\s<]/.test(this.#pending.slice(at, at + 100))) throw new XmlError('text outside of a stanza');
  }

  #isBetween(): boolean {
    return this.#stack.length === 0 || (this.#reader.opened !== undefined && this.#stack.length === 1);
  }

  #found(index: number, extra: number): number {
    if (index === -1) this.#searched = this.#pending.length;
    return index === -1 ? -1 : index + extra;
  }

  #token(token: string): void {
    this.#size += token.length;
    if (this.#size > this.#limits.size) throw new XmlError('the stanza is too large');
    if (!token.startsWith('<')) this.#text(decode(token));
    else if (token.startsWith('<![CDATA[')) this.#text(token.slice(9, -3));
    else if (token.startsWith('</')) this.#end(token);
    else if (token.startsWith('<?')) this.#declaration(token);
    else this.#start(token);
    this.#begun = true;
  }

  #declaration(token: string): void {
    if (this.#begun || !/^<\?xml\s[^<>]*\?>$/.test(token)) throw new XmlError('a processing instruction');
    this.#size = 0;
  }

  #text(text: string): void {
    const open = this.#stack.at(-1);
    if (!this.#isBetween()) this.#add(open, text);
    else if (text.trim() !== '') throw new XmlError('text outside of a stanza');
    else this.#size = 0;
  }

  #start(token: string): void {
    const match = startTag.exec(token);
    if (match === null) throw new XmlError('a malformed tag');
    const [, tag = '', written = '', slash] = match;
    if (this.#stack.length >= this.#limits.depth || ++this.#elements > this.#limits.elements) this.#isSkipping = true;
    const { attributes, prefixes } = readAttributes(written, this.#stack.at(-1)?.prefixes ?? basePrefixes);
    const [local, namespace] = resolve(tag, prefixes);
    const element = { name: local, namespace, attributes, children: [] };
    this.#stack.push({ element, tag, prefixes });
    if (this.#stack.length === 1 && this.#reader.opened !== undefined) {
      this.#forget();
      this.#reader.opened(element);
    }
    if (slash === '/') this.#close();
  }

  #end(token: string): void {
    const tag = endTag.exec(token)?.[1];
    if (tag === undefined || tag !== this.#stack.at(-1)?.tag) throw new XmlError('a closing tag that fits no open one');
    this.#close();
  }

  #close(): void {
    const closed = this.#stack.pop();
    if (closed === undefined) return;
    const isStream = this.#reader.opened !== undefined;
    if (this.#stack.length === 0 && isStream) return this.#reader.closed?.();
    if (this.#stack.length > (isStream ? 1 : 0)) {
      this.#add(this.#stack.at(-1), closed.element);
      return;
    }
    const { element } = closed;
    const isSkipped = this.#isSkipping;
    this.#forget();
    this.#reader.read(isSkipped ? { ...element, children: [] } : element);
  }

  #add(parent: Open | undefined, node: Element | string): void {
    if (!this.#isSkipping) parent?.element.children.push(node);
  }

  #forget(): void {
    this.#size = 0;
    this.#elements = 0;
    this.#isSkipping = false;
  }
}

/** The index after the `>` that closes the tag at `from`; one inside a quoted value does not. */
function endOfTag(text: string, from: number): number {
  let quote = '';
  for (let at = from + 1; at < text.length; at++) {
    const character = text[at] as string;
    if (quote !== '') quote = character === quote ? '' : quote;
    else if (character === '>') return at + 1;
    else if (character === '<') throw new XmlError('a tag inside a tag');
    else if (character === '"' || character === "'") quote = character;
  }
  return -1;
}

function readAttributes(written: string, inherited: Prefixes): { attributes: Record<string, string>; prefixes: Prefixes } {
  // A null prototype: a peer chooses the keys, and `__proto__` must be one like any other.
  const attributes = Object.create(null) as Record<string, string>;
  let prefixes = inherited;
  for (const [, key = '', double, single] of written.matchAll(attribute)) {
    const value = decode(double ?? single ?? '');
    if (key === 'xmlns') prefixes = { ...prefixes, '': value };
    else if (key.startsWith('xmlns:')) prefixes = { ...prefixes, [key.slice(6)]: value };
    else if (key in attributes) throw new XmlError('an attribute twice');
    else attributes[flatten(key)] = value;
  }
  return { attributes, prefixes };
}

function resolve(tag: string, prefixes: Prefixes): [local: string, namespace: string] {
  const colon = tag.indexOf(':');
  const prefix = colon === -1 ? '' : tag.slice(0, colon);
  const namespace = Object.hasOwn(prefixes, prefix) ? prefixes[prefix] : undefined;
  if (namespace === undefined) throw new XmlError('a prefix without a namespace');
  return [flatten(tag.slice(colon + 1)), namespace];
}

function decode(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&([^;&]*);?/g, (whole, entity: string) => {
    const known = Object.hasOwn(entities, entity) ? entities[entity] : numbered(entity);
    if (known === undefined || !whole.endsWith(';')) throw new XmlError('an unknown entity');
    return known;
  });
}

function numbered(entity: string): string | undefined {
  const match = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(entity);
  if (match === null) return undefined;
  const point = match[1] === undefined ? Number(match[2]) : parseInt(match[1], 16);
  const isCharacter = point === 9 || point === 10 || point === 13 || (point >= 0x20 && point <= 0x10ffff);
  return isCharacter && !(point >= 0xd800 && point <= 0xdfff) ? String.fromCodePoint(point) : undefined;
}

/** Reads one whole element, as a websocket frame holds it (RFC 7395, 3.3.3). */
export function parseElement(text: string, limits: XmlLimits): Element {
  const read: Element[] = [];
  const parser = new XmlParser({ read: (element) => read.push(element) }, limits);
  parser.write(text);
  const [element] = read;
  if (element === undefined || read.length > 1 || !parser.idle) throw new XmlError('not one whole element');
  return element;
}
