import { hashToken, randomLetters } from '../foundation/crypto.ts';
import { timestamp, type Queries } from '../database/database.ts';
import type { Account } from './accounts.ts';

const CODES = 10;
/** 49 bits. Guesses are counted as passwords' are. */
const LETTERS = 10;
const shape = /^[a-z0-9]{5}-?[a-z0-9]{5}$/;

/** Ten fresh codes, each good for one log-in; the earlier ones end. They are stored as hashes. */
export async function createRecoveryCodes(queries: Queries, account: Pick<Account, 'id'>): Promise<string[]> {
  const codes = Array.from({ length: CODES }, () => {
    const letters = randomLetters(LETTERS);
    return `${letters.slice(0, 5)}-${letters.slice(5)}`;
  });
  await queries.deleteFrom('recovery_codes').where('account_id', '=', account.id).execute();
  const rows = codes.map((code) => ({ account_id: account.id, hash: hashOf(account, code), used_at: null }));
  await queries.insertInto('recovery_codes').values(rows).execute();
  return codes;
}

export function looksLikeRecoveryCode(text: string): boolean {
  return shape.test(text.trim().toLowerCase());
}

/** Takes a code, once. False if the account has no such code left. */
export async function takeRecoveryCode(queries: Queries, account: Pick<Account, 'id'>, code: string): Promise<boolean> {
  const result = await queries
    .updateTable('recovery_codes')
    .set({ used_at: timestamp() })
    .where('account_id', '=', account.id)
    .where('hash', '=', hashOf(account, code))
    .where('used_at', 'is', null)
    .executeTakeFirst();
  return Number(result.numUpdatedRows) > 0;
}

export async function countRecoveryCodes(queries: Queries, account: Pick<Account, 'id'>): Promise<number> {
  const row = await queries
    .selectFrom('recovery_codes')
    .select((select) => select.fn.countAll().as('count'))
    .where('account_id', '=', account.id)
    .where('used_at', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

function hashOf(account: Pick<Account, 'id'>, code: string): string {
  return hashToken(`${account.id} ${code.trim().toLowerCase().replace('-', '')}`);
}
