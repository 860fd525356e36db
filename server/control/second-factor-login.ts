import { newToken } from '../foundation/crypto.ts';
import { KosmosError } from '../foundation/errors.ts';
import { loadKey } from '../foundation/secrets.ts';
import { findSetting } from '../database/settings.ts';
import type { Change } from '../database/events.ts';
import type { Account } from '../identity/accounts.ts';
import { takePasskey, type Site } from '../identity/passkeys.ts';
import { FailureLimit } from '../identity/rate-limit.ts';
import { countRecoveryCodes, looksLikeRecoveryCode, takeRecoveryCode } from '../identity/recovery-codes.ts';
import { findFactors, hasFactor, takeTotpCode } from '../identity/second-factors.ts';
import type { SessionKind } from '../identity/sessions.ts';
import { findTeamsRunBy } from '../teams/teams.ts';
import type { Services } from './services.ts';

/** Somebody who gave the right password and still owes the second factor. */
interface Ticket {
  readonly account: Account;
  readonly kind: SessionKind;
  readonly expiresAt: number;
  challenge?: string;
}

export type Proof = Parameters<typeof takePasskey>[3]['response'];
export type Method = 'totp' | 'passkey' | 'recovery';

const LIFETIME = 5 * 60_000;
const MOST_TICKETS = 10_000;
/** Of codes, per account: with a million codes and three of them good at a time, a guesser has a chance of 1 in 3,000 a day at most. */
const guesses = { failures: 10, window: 15 * 60_000 };

/** Log-ins that wait for a second factor, in memory: who is between the two when control restarts begins again. */
export class SecondFactorLogin {
  readonly #key: Buffer;
  readonly #services: Pick<Services, 'database' | 'outbox'>;
  readonly #tickets = new Map<string, Ticket>();
  readonly #failures = new FailureLimit(guesses);
  /** Challenges of passkeys to be added, by account. */
  readonly #creations = new Map<string, { challenge: string; expiresAt: number }>();

  constructor(services: Pick<Services, 'database' | 'outbox' | 'settings'>) {
    this.#services = services;
    this.#key = loadKey(services.settings.dataFolder, 'encryption');
  }

  get key(): Buffer {
    return this.#key;
  }

  /** A ticket, if the account has a second factor. */
  async begin(account: Account, kind: SessionKind): Promise<{ ticket: string; methods: Method[]; expiresAt: string } | undefined> {
    const { database } = this.#services;
    const factors = await findFactors(database, account);
    if (factors.length === 0) return undefined;
    this.#forgetExpired();
    const ticket = newToken();
    const expiresAt = Date.now() + LIFETIME;
    this.#tickets.set(ticket, { account, kind, expiresAt });
    const methods: Method[] = [...new Set(factors.map((factor) => factor.kind))];
    if ((await countRecoveryCodes(database, account)) > 0) methods.push('recovery');
    return { ticket, methods, expiresAt: new Date(expiresAt).toISOString() };
  }

  /** Throws KOSMOS_ERR_SECOND_FACTOR_TICKET. */
  get(ticket: string): Ticket {
    const found = this.#tickets.get(ticket);
    if (!found || found.expiresAt <= Date.now()) throw new KosmosError('KOSMOS_ERR_SECOND_FACTOR_TICKET');
    return found;
  }

  /** Throws KOSMOS_ERR_SECOND_FACTOR_TICKET, …_WRONG or KOSMOS_ERR_LOGIN_LIMITED. A ticket opens one session. */
  async complete(ticket: string, given: { code?: string; passkey?: Proof }, site: Site): Promise<Ticket> {
    const found = this.get(ticket);
    const { account } = found;
    this.#checkLimit(account);
    // Counted before it is looked at, so that many guesses at once are no way around the limit.
    this.#failures.countFailure(account.id);
    const right = await this.#services.outbox.change((change) => this.#take(change, found, given, site));
    if (!right) throw new KosmosError('KOSMOS_ERR_SECOND_FACTOR_WRONG');
    if (!this.#tickets.delete(ticket)) throw new KosmosError('KOSMOS_ERR_SECOND_FACTOR_TICKET');
    this.#failures.forget(account.id);
    return found;
  }

  rememberCreation(account: Account, challenge: string): void {
    this.#creations.set(account.id, { challenge, expiresAt: Date.now() + LIFETIME });
  }

  /** Once. Throws KOSMOS_ERR_PASSKEY_INVALID. */
  takeCreation(account: Account): string {
    const found = this.#creations.get(account.id);
    this.#creations.delete(account.id);
    if (!found || found.expiresAt <= Date.now()) throw new KosmosError('KOSMOS_ERR_PASSKEY_INVALID', { reason: 'it took too long' });
    return found.challenge;
  }

  async #take(change: Change, { account, challenge }: Ticket, given: { code?: string; passkey?: Proof }, site: Site): Promise<boolean> {
    const { code, passkey: response } = given;
    if (response !== undefined) return challenge !== undefined && (await takePasskey(change, account, site, { challenge, response }));
    if (code === undefined) return false;
    if (looksLikeRecoveryCode(code)) return takeRecoveryCode(change.queries, account, code);
    return takeTotpCode(change, this.#key, account, code.replaceAll(' ', ''));
  }

  #checkLimit(account: Account): void {
    const seconds = this.#failures.secondsLeft(account.id);
    if (seconds > 0) throw new KosmosError('KOSMOS_ERR_LOGIN_LIMITED', { seconds });
  }

  #forgetExpired(): void {
    for (const [ticket, { expiresAt }] of this.#tickets) {
      if (expiresAt > Date.now() && this.#tickets.size < MOST_TICKETS) break;
      this.#tickets.delete(ticket);
    }
  }
}

/** Whether the account runs anything: the appliance or a team. */
async function runsSomething(services: Pick<Services, 'database'>, account: Account): Promise<boolean> {
  return account.isAdmin || (await findTeamsRunBy(services.database, account)).length > 0;
}

/** Whether the account must have a second factor here. */
export async function needsFactor(services: Pick<Services, 'database'>, account: Account): Promise<boolean> {
  const required = await findSetting(services.database, 'secondFactorForAdmins');
  return required === true && (await runsSomething(services, account));
}

/** Whether the account needs one and has none: then it can enrol and do nothing else. */
export async function mustEnrol(services: Pick<Services, 'database'>, account: Account): Promise<boolean> {
  return (await needsFactor(services, account)) && !(await hasFactor(services.database, account));
}
