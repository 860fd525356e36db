import { limits } from './limits.ts';

/** What is kept of a message: its ids, who said it, how it begins, who reacted. */
export interface Remembered {
  /** The id that the server's archive gave (https://xmpp.org/extensions/xep-0359.html). */
  archiveId: string | undefined;
  /** The id that its sender gave. */
  messageId: string;
  /** Nick in a room, bare address elsewhere; empty where it is not known. */
  sender: string;
  excerpt: string;
  /** When it was said, in milliseconds; undefined where that is not known. */
  at?: number;
  reactions?: Map<string, readonly string[]>;
}

export const EXCERPT = 120;

/** A room or a person to talk with, and what was said lately. */
export class Conversation {
  readonly jid: string;
  readonly isRoom: boolean;
  readonly #messages = new Map<string, Remembered>();
  readonly #byMessageId = new Map<string, Remembered>();

  constructor(jid: string, isRoom: boolean) {
    this.jid = jid;
    this.isRoom = isRoom;
  }

  find(id: string): Remembered | undefined {
    return this.#messages.get(id) ?? this.#byMessageId.get(id);
  }

  /** The message of that id, remembered from now on if it was not. */
  recall(id: string): Remembered {
    const known = this.find(id);
    return known ?? this.remember({ archiveId: id, messageId: id, sender: '', excerpt: '' });
  }

  remember(message: Remembered): Remembered {
    const key = message.archiveId ?? message.messageId;
    const known = this.#messages.get(key) ?? this.#replaced(message);
    if (known !== undefined) {
      this.#forgetMessageId(known);
      Object.assign(known, message, { sender: message.sender || known.sender });
      this.#byMessageId.set(known.messageId, known);
      return known;
    }
    if (this.#messages.size >= limits.remembered) this.#forgetOldest();
    this.#messages.set(key, message);
    this.#byMessageId.set(message.messageId, message);
    return message;
  }

  /** A message that was known by its sender's id only, before the archive named it. */
  #replaced(message: Remembered): Remembered | undefined {
    const known = this.#byMessageId.get(message.messageId);
    if (known === undefined || known.archiveId !== undefined || known.sender !== message.sender) return undefined;
    this.#messages.delete(known.messageId);
    if (message.archiveId !== undefined) this.#messages.set(message.archiveId, known);
    return known;
  }

  #forgetOldest(): void {
    const [oldest] = this.#messages;
    if (oldest === undefined) return;
    this.#messages.delete(oldest[0]);
    this.#forgetMessageId(oldest[1]);
  }

  /** Not where a later message has the same id: only its sender's good will makes it unique. */
  #forgetMessageId(message: Remembered): void {
    if (this.#byMessageId.get(message.messageId) === message) this.#byMessageId.delete(message.messageId);
  }
}
