/** A stanza or a part of one. An empty namespace means the parent's; elements that were parsed carry theirs in full. */
export interface Element {
  readonly name: string;
  readonly namespace: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (Element | string)[];
}

type Attributes = Readonly<Record<string, string | undefined>>;
type Child = Element | string | undefined | readonly (Element | undefined)[];

/** Builds an element: `xml('body', {}, 'Hello')`. The attribute `xmlns` is its namespace; what is undefined is left out. */
export function xml(name: string, attributes: Attributes = {}, ...children: Child[]): Element {
  const { xmlns = '', ...rest } = attributes;
  const kept: Record<string, string> = {};
  for (const [key, value] of Object.entries(rest)) if (value !== undefined) kept[key] = value;
  const nested = children.flat().filter((child): child is Element | string => child !== undefined && child !== '');
  return { name, namespace: xmlns, attributes: kept, children: nested };
}

export function isElement(node: Element | string | undefined): node is Element {
  return typeof node === 'object';
}

export function elementsOf(parent: Element | undefined): Element[] {
  return parent?.children.filter(isElement) ?? [];
}

/** The first child of that name (any if empty) and namespace; without a namespace, the parent's own. */
export function childOf(parent: Element | undefined, name: string, namespace = parent?.namespace): Element | undefined {
  return parent?.children.find((node): node is Element => isElement(node) && matches(node, name, namespace));
}

export function childrenOf(parent: Element | undefined, name: string, namespace = parent?.namespace): Element[] {
  return elementsOf(parent).filter((node) => matches(node, name, namespace));
}

/** The text of an element, or undefined where there is no such element. Markup inside it does not count. */
export function textOf(element: Element | undefined): string | undefined {
  return element?.children.filter((node) => typeof node === 'string').join('');
}

export function childText(parent: Element | undefined, name: string, namespace?: string): string | undefined {
  return textOf(childOf(parent, name, namespace));
}

function matches(node: Element, name: string, namespace: string | undefined): boolean {
  return (name === '' || node.name === name) && (namespace === undefined || node.namespace === namespace);
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character] ?? character);
}

/** What XML 1.0 cannot carry even escaped (https://www.w3.org/TR/xml/#charsets); a server would close the stream over it. */
// eslint-disable-next-line no-control-regex
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;

export function serialise(element: Element, parentNamespace = ''): string {
  const namespace = element.namespace || parentNamespace;
  let text = `<${element.name}`;
  if (namespace !== parentNamespace) text += ` xmlns="${escapeXml(namespace)}"`;
  for (const [key, value] of Object.entries(element.attributes)) text += ` ${key}="${clean(value)}"`;
  if (element.children.length === 0) return `${text}/>`;
  text += '>';
  for (const node of element.children) text += isElement(node) ? serialise(node, namespace) : clean(node);
  return `${text}</${element.name}>`;
}

function clean(text: string): string {
  return escapeXml(text.replace(forbidden, ''));
}
