import { limits } from './limits.ts';

export interface Contact {
  readonly jid: string;
  readonly name: string | undefined;
  readonly subscription: string;
  readonly isAsked: boolean;
  readonly groups: readonly string[];
}

/** Of one client of a contact. */
export interface Presence {
  readonly show: string;
  readonly status: string | undefined;
}

const rank = ['chat', 'online', 'away', 'dnd', 'xa'];

/** The contact list (RFC 6121) and who of it is there. */
export class Contacts {
  readonly #contacts = new Map<string, Contact>();
  /** By bare address, then by resource. */
  readonly #presences = new Map<string, Map<string, Presence>>();

  get all(): readonly Contact[] {
    return [...this.#contacts.values()];
  }

  find(jid: string): Contact | undefined {
    return this.#contacts.get(jid);
  }

  nameOf(jid: string): string | undefined {
    return this.#contacts.get(jid)?.name;
  }

  set(contact: Contact): void {
    if (this.#contacts.size < limits.roster || this.#contacts.has(contact.jid)) this.#contacts.set(contact.jid, contact);
  }

  remove(jid: string): void {
    this.#contacts.delete(jid);
    this.#presences.delete(jid);
  }

  /** A new stream: the list comes again. */
  clear(): void {
    this.#contacts.clear();
    this.#presences.clear();
  }

  /** Notes how one client of somebody is; undefined where it went. */
  setPresence(jid: string, resource: string, presence: Presence | undefined): void {
    const clients = this.#presences.get(jid) ?? new Map<string, Presence>();
    if (presence === undefined) clients.delete(resource);
    else if (clients.size < 20) clients.set(resource, presence);
    if (clients.size === 0) this.#presences.delete(jid);
    else if (this.#presences.size < limits.roster || this.#presences.has(jid)) this.#presences.set(jid, clients);
  }

  /** The most present of somebody's clients; undefined where none is there. */
  presenceOf(jid: string): Presence | undefined {
    const clients = [...(this.#presences.get(jid)?.values() ?? [])];
    return clients.toSorted((a, b) => rank.indexOf(a.show) - rank.indexOf(b.show))[0];
  }
}
