import { hashToken, newId, newToken } from '../foundation/crypto.ts';
import { timestamp, type Database, type Queries } from '../database/database.ts';
import type { Change } from '../database/events.ts';
import { findAccount, type Account } from './accounts.ts';

export type SessionKind = 'browser' | 'program';

export interface Session {
  readonly id: string;
  readonly kind: SessionKind;
  readonly userAgent: string | null;
  readonly address: string | null;
  readonly createdAt: string;
  readonly seenAt: string;
  readonly expiresAt: string;
}

export interface SessionOrigin {
  readonly kind: SessionKind;
  readonly userAgent?: string;
  readonly address?: string;
}

const DAY = 24 * 3_600_000;
/** A session ends this long after it was made, in use or not, unless an admin chose another time. */
export const SESSION_LIFETIME = 30 * DAY;
/** `seen_at` is written at most this often. */
const SEEN_EVERY = 5 * 60_000;

/** A new session and its token, which only the caller ever has. */
export async function createSession(
  queries: Queries,
  account: Account,
  origin: SessionOrigin,
  lifetime = SESSION_LIFETIME,
): Promise<{ token: string; session: Session }> {
  const token = newToken();
  const now = Date.now();
  const row = {
    id: newId(),
    token_hash: hashToken(token),
    account_id: account.id,
    kind: origin.kind,
    user_agent: origin.userAgent?.slice(0, 200) ?? null,
    address: origin.address ?? null,
    created_at: timestamp(now),
    seen_at: timestamp(now),
    expires_at: timestamp(now + lifetime),
  };
  await queries.insertInto('sessions').values(row).execute();
  return { token, session: present(row) };
}

/** The session that a token opens and its account, unless it expired or the account is disabled. */
export async function findSession(database: Database, token: string): Promise<{ account: Account; session: Session } | undefined> {
  const now = Date.now();
  const row = await database
    .selectFrom('sessions')
    .innerJoin('accounts', 'accounts.id', 'sessions.account_id')
    .selectAll('sessions')
    .select('accounts.name')
    .where('token_hash', '=', hashToken(token))
    .where('expires_at', '>', timestamp(now))
    .where('accounts.disabled_at', 'is', null)
    .executeTakeFirst();
  const account = row && (await findAccount(database, row.name));
  if (!row || !account) return undefined;
  if (now - Date.parse(row.seen_at) > SEEN_EVERY) {
    await database
      .updateTable('sessions')
      .set({ seen_at: timestamp(now) })
      .where('id', '=', row.id)
      .execute();
  }
  return { account, session: present(row) };
}

/** Newest first. */
export async function findSessions(database: Database, account: Account): Promise<Session[]> {
  const rows = await database
    .selectFrom('sessions')
    .selectAll()
    .where('account_id', '=', account.id)
    .where('expires_at', '>', timestamp())
    .orderBy('created_at', 'desc')
    .execute();
  return rows.map(present);
}

/** False if the account has no such session. */
export async function endSession(change: Change, account: Account, id: string): Promise<boolean> {
  const result = await change.queries.deleteFrom('sessions').where('id', '=', id).where('account_id', '=', account.id).executeTakeFirst();
  if (Number(result.numDeletedRows) === 0) return false;
  await change.emit({ type: 'session-ended', account: account.id, name: account.name, session: id });
  return true;
}

/** Ends every session of the account, on every server. */
export async function endSessions(change: Change, account: Pick<Account, 'id' | 'name'>): Promise<void> {
  await change.queries.deleteFrom('sessions').where('account_id', '=', account.id).execute();
  await change.emit({ type: 'sessions-ended', account: account.id, name: account.name });
}

export async function removeExpiredSessions(database: Database): Promise<void> {
  await database.deleteFrom('sessions').where('expires_at', '<=', timestamp()).execute();
}

interface SessionRow {
  id: string;
  kind: SessionKind;
  user_agent: string | null;
  address: string | null;
  created_at: string;
  seen_at: string;
  expires_at: string;
}

function present(row: SessionRow): Session {
  return {
    id: row.id,
    kind: row.kind,
    userAgent: row.user_agent,
    address: row.address,
    createdAt: row.created_at,
    seenAt: row.seen_at,
    expiresAt: row.expires_at,
  };
}
