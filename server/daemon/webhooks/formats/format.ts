import { createHmac } from 'node:crypto';
import { equalSecrets } from '../../../foundation/crypto.ts';
import { KosmosError } from '../../../foundation/errors.ts';

/** One request to a webhook, read. */
export interface Delivery {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** As it was sent: signatures are made of it. */
  readonly raw: Buffer;
  readonly body: Body;
}

/** A JSON object that nobody checked: read it with the functions below. */
export type Body = Readonly<Record<string, unknown>>;

export interface Words {
  /** Under whose name; the webhook's own if it is missing. */
  readonly name?: string;
  readonly text: string;
}

/** What one kind of program sends. */
export interface Format {
  readonly name: string;
  recognises(delivery: Delivery): boolean;
  /** What the sender calls this delivery: a second one with the same name is a repetition. */
  deliveryId?(delivery: Delivery): string | undefined;
  /** Throws KOSMOS_ERR_WEBHOOK_SIGNATURE if the delivery claims to be signed with `secret` and is not. */
  checkSignature?(delivery: Delivery, secret: string): void;
  /** Undefined for what is not worth a message. Throws KOSMOS_ERR_WEBHOOK_CONTENT. */
  read(delivery: Delivery): Words | undefined;
}

export function refuse(reason: string): never {
  throw new KosmosError('KOSMOS_ERR_WEBHOOK_CONTENT', { reason });
}

/** `header` is the hexadecimal HMAC-SHA-256 of the body, perhaps behind a prefix. */
export function checkHmac({ headers, raw }: Delivery, secret: string, header: string, prefix = ''): void {
  const given = headers[header];
  if (given === undefined) return;
  const expected = `${prefix}${createHmac('sha256', secret).update(raw).digest('hex')}`;
  if (!equalSecrets(given.toLowerCase(), expected)) throw new KosmosError('KOSMOS_ERR_WEBHOOK_SIGNATURE', { header });
}

/** The object at a path, empty if there is none. */
export function objectAt(body: unknown, ...path: readonly string[]): Body {
  const value = valueAt(body, path);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Body) : {};
}

/** The text (or number) at a path, '' if there is none. */
export function textAt(body: unknown, ...path: readonly string[]): string {
  const value = valueAt(body, path);
  return typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : '';
}

/** The list of objects at a path. */
export function listAt(body: unknown, ...path: readonly string[]): Body[] {
  const value = valueAt(body, path);
  return Array.isArray(value) ? value.filter((item): item is Body => typeof item === 'object' && item !== null).slice(0, 100) : [];
}

function valueAt(body: unknown, path: readonly string[]): unknown {
  let value = body;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Body)[name];
  }
  return value;
}

/** The first line, shortened. */
export function headline(text: string, longest = 120): string {
  const line = text.split(/\r?\n/, 1)[0] ?? '';
  return [...line].length > longest ? `${[...line].slice(0, longest - 1).join('')}…` : line;
}

/** Parts that are not empty, on lines of their own. */
export function lines(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join('\n');
}
