import { hashToken, seal, unseal } from '../../foundation/crypto.ts';
import { KosmosError } from '../../foundation/errors.ts';
import type { AppRequest } from './app-request.ts';

/** What was shown to somebody, sealed into the form: nobody can have one thing shown and another one allowed. */
interface Ticket {
  readonly request: AppRequest;
  readonly name: string;
  /** Hash of the session that needs no password; null where the password is asked for. */
  readonly session: string | null;
  readonly expiresAt: number;
}

const CONTEXT = 'storage-authorize';
const LIFETIME = 30 * 60_000;

export class Tickets {
  readonly #key: Buffer;

  constructor(key: Buffer) {
    this.#key = key;
  }

  issue(request: AppRequest, name: string, sessionToken: string | undefined): string {
    const session = sessionToken === undefined ? null : hashToken(sessionToken);
    const ticket: Ticket = { request, name, session, expiresAt: Date.now() + LIFETIME };
    return seal(JSON.stringify(ticket), this.#key, CONTEXT);
  }

  /** Throws KOSMOS_ERR_STORAGE_APP for one that is forged, too old or of another account. */
  open(text: string, name: string): Ticket {
    const ticket = this.#unseal(text);
    if (!ticket || ticket.name !== name || ticket.expiresAt < Date.now()) {
      throw new KosmosError('KOSMOS_ERR_STORAGE_APP', { reason: 'this page was open for too long' });
    }
    return ticket;
  }

  #unseal(text: string): Ticket | undefined {
    try {
      return JSON.parse(unseal(text, this.#key, CONTEXT)) as Ticket;
    } catch {
      return undefined;
    }
  }
}
