import { hashToken, newId, newToken } from '../foundation/crypto.ts';
import { KosmosError } from '../foundation/errors.ts';
import { timestamp, type Database, type Queries } from '../database/database.ts';
import type { Account } from './accounts.ts';
import type { Session } from './sessions.ts';
import { formatScopes, parseScopes, type StorageScope } from './storage-scopes.ts';

/** What an account lets an app do in its storage. */
export interface StorageGrant {
  readonly id: string;
  /** Origin of the app, or `WEB_CLIENT`. */
  readonly client: string;
  readonly scopes: readonly StorageScope[];
  readonly createdAt: string;
  /** Null if the app never used it; at most five minutes behind. */
  readonly usedAt: string | null;
}

/** A grant that a token opened, and whose it is. */
export interface OpenedGrant extends StorageGrant {
  readonly account: { readonly id: string; readonly name: string };
}

/** What the web client needs to speak remoteStorage without asking WebFinger. */
export interface OwnStorage {
  readonly address: string;
  readonly href: string;
  readonly token: string;
  readonly scopes: string;
}

/** Stands where an app's origin stands, for grants that the appliance's own web client made. */
export const WEB_CLIENT = 'web-client';
const OWN_SCOPES = '*:rw';
const USED_EVERY = 5 * 60_000;

/** A new grant for an app; its token exists nowhere else. An account may have several for one app: one per device. */
export async function createGrant(
  queries: Queries,
  account: Pick<Account, 'id'>,
  client: string,
  scopes: readonly StorageScope[],
): Promise<{ token: string; grant: StorageGrant }> {
  return insertGrant(queries, { accountId: account.id, client, scopes: formatScopes(scopes), sessionId: null });
}

/**
 * One-click access for the web client: a grant that ends with the session, and replaces the one that the session had.
 * `origin` is where people reach the appliance (`https://chat.example.org`), `domain` the home domain.
 */
export async function createSessionGrant(
  queries: Queries,
  owner: { readonly account: Account; readonly session: Session },
  appliance: { readonly origin: string; readonly domain: string },
): Promise<OwnStorage> {
  const { account, session } = owner;
  await queries.deleteFrom('storage_grants').where('session_id', '=', session.id).execute();
  const grant = { accountId: account.id, client: WEB_CLIENT, scopes: OWN_SCOPES, sessionId: session.id };
  const { token } = await insertGrant(queries, grant);
  return {
    address: `${account.name}@${appliance.domain}`,
    href: storageRootOf(appliance.origin, account.name),
    token,
    scopes: OWN_SCOPES,
  };
}

/** `<storage_root>` of draft-dejong-remotestorage: no slash at its end. */
export function storageRootOf(origin: string, name: string): string {
  return `${origin}/storage/${name}`;
}

/** The grant of a token, unless it was revoked, its session ended or its account is disabled. One query: it is asked for every request. */
export async function findGrant(database: Database, token: string): Promise<OpenedGrant | undefined> {
  const row = await database
    .selectFrom('storage_grants as grants')
    .innerJoin('accounts', 'accounts.id', 'grants.account_id')
    .leftJoin('sessions', 'sessions.id', 'grants.session_id')
    .selectAll('grants')
    .select('accounts.name')
    .where('grants.token_hash', '=', hashToken(token))
    .where('accounts.disabled_at', 'is', null)
    .where((where) => where.or([where('grants.session_id', 'is', null), where('sessions.expires_at', '>', timestamp())]))
    .executeTakeFirst();
  if (!row) return undefined;
  await noteUse(database, row);
  return { ...present(row), account: { id: row.account_id, name: row.name } };
}

/** The apps of an account, newest first. The web client's own grants are sessions of the account and are listed there, not here. */
export async function findGrants(queries: Queries, account: Pick<Account, 'id'>): Promise<StorageGrant[]> {
  const rows = await queries
    .selectFrom('storage_grants')
    .selectAll()
    .where('account_id', '=', account.id)
    .where('session_id', 'is', null)
    .orderBy('created_at', 'desc')
    .execute();
  return rows.map(present);
}

/** The app's token stops working with the next request. Throws KOSMOS_ERR_STORAGE_GRANT_NOT_FOUND. */
export async function revokeGrant(queries: Queries, account: Pick<Account, 'id'>, id: string): Promise<void> {
  const result = await queries.deleteFrom('storage_grants').where('account_id', '=', account.id).where('id', '=', id).executeTakeFirst();
  if (Number(result.numDeletedRows) === 0) throw new KosmosError('KOSMOS_ERR_STORAGE_GRANT_NOT_FOUND');
}

/** Disconnects every app, the web client included: for an account that was disabled, or whose owner lost a device. */
export async function revokeGrants(queries: Queries, account: Pick<Account, 'id'>): Promise<void> {
  await queries.deleteFrom('storage_grants').where('account_id', '=', account.id).execute();
}

/** A disabled account that is enabled again starts without apps: whatever held its tokens has to ask again. */
export async function revokeGrantsOfDisabled(queries: Queries): Promise<void> {
  const disabled = queries.selectFrom('accounts').select('id').where('disabled_at', 'is not', null);
  await queries.deleteFrom('storage_grants').where('account_id', 'in', disabled).execute();
}

async function insertGrant(
  queries: Queries,
  grant: { accountId: string; client: string; scopes: string; sessionId: string | null },
): Promise<{ token: string; grant: StorageGrant }> {
  const token = newToken();
  const { accountId, client, scopes, sessionId } = grant;
  const row = {
    ...{ id: newId(), token_hash: hashToken(token), account_id: accountId, session_id: sessionId },
    ...{ client, scopes, created_at: timestamp(), used_at: null },
  };
  await queries.insertInto('storage_grants').values(row).execute();
  return { token, grant: present(row) };
}

async function noteUse(database: Database, row: { id: string; used_at: string | null }): Promise<void> {
  const now = Date.now();
  if (row.used_at && now - Date.parse(row.used_at) < USED_EVERY) return;
  await database
    .updateTable('storage_grants')
    .set({ used_at: timestamp(now) })
    .where('id', '=', row.id)
    .execute();
}

interface GrantRow {
  id: string;
  client: string;
  scopes: string;
  created_at: string;
  used_at: string | null;
}

function present(row: GrantRow): StorageGrant {
  return { id: row.id, client: row.client, scopes: parseScopes(row.scopes), createdAt: row.created_at, usedAt: row.used_at };
}
