import type { MessageKind } from '../models/message.ts';

/** A message that was written and has not reached its server. */
export interface Unsent {
  conversation: string;
  originId: string;
  kind: MessageKind;
  content: string;
  replyTo?: string;
  published: number;
}

const storageKey = 'kosmos:outbox';
const most = 100;

/** Survives a reload: what somebody wrote without a connection is never lost. */
export function unsent(): Unsent[] {
  try {
    return JSON.parse(localStorage.getItem(storageKey) ?? '[]') as Unsent[];
  } catch {
    return [];
  }
}

function write(list: Unsent[]): void {
  try {
    localStorage.setItem(storageKey, JSON.stringify(list.slice(-most)));
  } catch {
    // Without a store it lives as long as the page.
  }
}

export function keepUnsent(message: Unsent): void {
  write([...unsent().filter(({ originId }) => originId !== message.originId), message]);
}

export function dropUnsent(id: string | undefined): void {
  const list = unsent();
  if (list.some(({ originId }) => originId === id)) write(list.filter(({ originId }) => originId !== id));
}
