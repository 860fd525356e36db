import { KosmosError } from '../foundation/errors.ts';
import type { Database } from '../database/database.ts';
import { findAccount, type Account } from './accounts.ts';
import { normaliseName } from './names.ts';
import { FailureLimit } from './rate-limit.ts';
import { decoyKeys, PASSWORD_MAX, verifyPassword, type ScramHash, type ScramKeys } from './scram.ts';
import { hasFactor } from './second-factors.ts';

const WINDOW = 15 * 60_000;
/** One person who mistypes from one place; one place that tries many names; one name tried from many places. */
const perPair = { failures: 10, window: WINDOW };
const perAddress = { failures: 60, window: WINDOW };
const perAccount = { failures: 100, window: WINDOW };

type KeyTable = 'credentials' | 'client_credentials';

/** The one door for passwords: every server that has a password or needs SCRAM keys comes here, so every failure is counted once. */
export class Credentials {
  readonly #database: Database;
  #pairs: FailureLimit;
  readonly #now: () => number;
  readonly #addresses: FailureLimit;
  readonly #accounts: FailureLimit;

  constructor(database: Database, now: () => number = Date.now) {
    this.#database = database;
    this.#now = now;
    this.#pairs = new FailureLimit(perPair, now);
    this.#addresses = new FailureLimit(perAddress, now);
    this.#accounts = new FailureLimit(perAccount, now);
  }

  /**
   * The account if the password is right. `address` is the client's, as far as it is known.
   * Throws KOSMOS_ERR_CREDENTIALS, KOSMOS_ERR_ACCOUNT_DISABLED (only to who knows the password) or KOSMOS_ERR_LOGIN_LIMITED.
   */
  async checkPassword(name: string, password: string, address?: string): Promise<Account> {
    return this.#check(() => 'credentials', name, password, address);
  }

  /**
   * The same for clients that cannot ask for a second factor (IRC, XMPP, storage): an account that has one opens them with its client
   * password, and with that alone.
   */
  async checkClientPassword(name: string, password: string, address?: string): Promise<Account> {
    return this.#check((account) => this.#clientTable(account), name, password, address);
  }

  async #check(
    tableOf: (account: Account) => KeyTable | Promise<KeyTable>,
    name: string,
    password: string,
    address?: string,
  ): Promise<Account> {
    this.checkLimits(name, address);
    const account = await findAccount(this.#database, name);
    const keys = account && (await this.#findKeys(await tableOf(account), account.id, 'SHA-256'));
    const fits = password.length <= PASSWORD_MAX * 2 && (await verifyPassword(password, keys ?? decoyKeys));
    if (!account || !keys || !fits) {
      this.countFailure(name, address);
      throw new KosmosError('KOSMOS_ERR_CREDENTIALS');
    }
    if (account.disabledAt) throw new KosmosError('KOSMOS_ERR_ACCOUNT_DISABLED');
    this.#pairs.forget(pairOf(name, address));
    return account;
  }

  /**
   * SCRAM keys for a server that does the exchange itself, of the client password where the account has a second factor; the server
   * reports a failure by `countFailure`.
   * Throws KOSMOS_ERR_ACCOUNT_NOT_FOUND, KOSMOS_ERR_ACCOUNT_DISABLED or KOSMOS_ERR_LOGIN_LIMITED.
   */
  async getScramKeys(name: string, hash: ScramHash): Promise<ScramKeys> {
    this.checkLimits(name);
    const account = await findAccount(this.#database, name);
    const keys = account && (await this.#findKeys(await this.#clientTable(account), account.id, hash));
    if (!keys) throw new KosmosError('KOSMOS_ERR_ACCOUNT_NOT_FOUND', { name: name.slice(0, 40) });
    if (account?.disabledAt) throw new KosmosError('KOSMOS_ERR_ACCOUNT_DISABLED');
    return keys;
  }

  /** How many failures one person may have from one place; counting begins anew. */
  setFailureLimit(failures: number): void {
    this.#pairs = new FailureLimit({ ...perPair, failures }, this.#now);
  }

  /** Throws KOSMOS_ERR_LOGIN_LIMITED. */
  checkLimits(name: string, address?: string): void {
    const seconds = Math.max(
      this.#pairs.secondsLeft(pairOf(name, address)),
      this.#accounts.secondsLeft(normaliseName(name)),
      address ? this.#addresses.secondsLeft(address) : 0,
    );
    if (seconds > 0) throw new KosmosError('KOSMOS_ERR_LOGIN_LIMITED', { seconds });
  }

  countFailure(name: string, address?: string): void {
    this.#pairs.countFailure(pairOf(name, address));
    this.#accounts.countFailure(normaliseName(name));
    if (address) this.#addresses.countFailure(address);
  }

  async #clientTable(account: Account): Promise<KeyTable> {
    return (await hasFactor(this.#database, account)) ? 'client_credentials' : 'credentials';
  }

  async #findKeys(table: KeyTable, accountId: string, hash: ScramHash): Promise<ScramKeys | undefined> {
    const row = await this.#database
      .selectFrom(table)
      .selectAll()
      .where('account_id', '=', accountId)
      .where('hash', '=', hash)
      .executeTakeFirst();
    return row && { hash, salt: row.salt, iterations: row.iterations, storedKey: row.stored_key, serverKey: row.server_key };
  }
}

function pairOf(name: string, address?: string): string {
  return `${normaliseName(name)} ${address ?? ''}`;
}
