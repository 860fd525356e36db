import { createHash } from 'node:crypto';
import type { Database } from '../../database/database.ts';
import type { Focus } from './focus.ts';
import { findPreferences } from './preferences.ts';
import type { Pusher } from './pusher.ts';
import { isQuiet } from './quiet.ts';
import type { PushService } from './service.ts';
import { ShownPushes } from './shown.ts';

/** Something that a member shall be woken for. */
export interface Notice {
  readonly accountId: string;
  /** What collapses, and is withdrawn, together: a channel's id or a direct conversation. */
  readonly conversation: string;
  /** What the browser gets in any case. */
  readonly about: Readonly<Record<string, string>>;
  /** What it gets beside if the member lets pushes say who said what. */
  readonly words: { readonly nick: string; readonly text: string };
  readonly isUrgent: boolean;
  /** Asked before every attempt: false if it was read by now. */
  isWanted(): Promise<boolean>;
}

/** Why nobody was woken, or `sent`. */
export type Heralded = 'sent' | 'focused' | 'quiet' | 'read' | 'no browser';

const LONGEST_TEXT = 300;

/** Wakes members as each of them wants it, and takes back what they read elsewhere. */
export class Herald {
  readonly #database: Database;
  readonly #pusher: Pusher;
  readonly #focus: Focus;
  readonly shown: ShownPushes;

  constructor(database: Database, pusher: Pusher, focus: Focus) {
    this.#database = database;
    this.#pusher = pusher;
    this.#focus = focus;
    this.shown = new ShownPushes(database);
  }

  get service(): PushService {
    return this.#pusher.service;
  }

  async tell({ accountId, conversation, about, words, isUrgent, isWanted }: Notice): Promise<Heralded> {
    const preferences = await findPreferences(this.#database, accountId);
    const { quietFrom: from, quietUntil: until, timeZone } = preferences;
    if (this.#focus.has(accountId)) return 'focused';
    if (from && until && isQuiet({ from, until, timeZone })) return 'quiet';
    if (!(await isWanted())) return 'read';
    const text = [...words.text].slice(0, LONGEST_TEXT).join('');
    const payload = { type: 'message', ...about, ...(preferences.showsContent ? { nick: words.nick, text } : {}) };
    const isStillWanted = async (): Promise<boolean> => (await this.shown.has(accountId, conversation)) && isWanted();
    await this.shown.add(accountId, conversation);
    const tried = await this.#pusher.push(accountId, { payload, topic: topicOf(conversation), isUrgent, isWanted: isStillWanted });
    if (tried > 0) return 'sent';
    await this.shown.take(accountId, conversation);
    return 'no browser';
  }

  /** Takes what was read from the account's screens, and from the push services that have not brought it yet. */
  async withdraw(accountId: string, conversation: string): Promise<boolean> {
    if (!(await this.shown.take(accountId, conversation))) return false;
    const payload = { type: 'read', conversation };
    await this.#pusher.push(accountId, { payload, topic: topicOf(conversation), isUrgent: false, isWanted: async () => true });
    return true;
  }

  close(): Promise<void> {
    return this.#pusher.close();
  }
}

/** Up to 32 characters of base64url (RFC 8030, 5.4), and nothing that tells the push service about the conversation. */
function topicOf(conversation: string): string {
  return createHash('sha256').update(conversation).digest('base64url').slice(0, 32);
}
