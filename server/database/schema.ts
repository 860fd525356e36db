import type { ColumnType, Generated } from 'kysely';

/** ISO 8601 in UTC with milliseconds: sorts as text, the same in SQLite and PostgreSQL. */
export type Timestamp = string;
/** 0 or 1: SQLite has no boolean, and PostgreSQL shall take the same queries. */
export type Flag = 0 | 1;
export type Role = 'owner' | 'admin' | 'member' | 'guest';
export type Home = 'irc' | 'xmpp';

/** A row per setting of the appliance that an admin chose; the environment is read elsewhere. */
export interface SettingsTable {
  key: string;
  value: string;
}

export interface EventsTable {
  id: Generated<number>;
  type: string;
  /** JSON of the event without id and at. */
  body: string;
  at: Timestamp;
}

export interface AccountsTable {
  id: string;
  /** Lower case; the same on IRC, XMPP and remoteStorage. */
  name: string;
  display_name: string | null;
  /** Runs the appliance itself, beside any role in a team. */
  is_admin: Flag;
  /** A bot has no password and cannot log in with one. */
  is_bot: Flag;
  created_at: Timestamp;
  disabled_at: Timestamp | null;
}

/** SCRAM keys (RFC 5802), base64. One row per account and hash. */
export interface CredentialsTable {
  account_id: string;
  hash: 'SHA-1' | 'SHA-256';
  salt: string;
  iterations: number;
  stored_key: string;
  server_key: string;
}

export interface SessionsTable {
  id: string;
  token_hash: string;
  account_id: string;
  kind: 'browser' | 'program';
  user_agent: string | null;
  address: string | null;
  created_at: Timestamp;
  seen_at: ColumnType<Timestamp, Timestamp, Timestamp>;
  expires_at: Timestamp;
}

export interface TeamsTable {
  id: string;
  /** What stands in addresses and URLs. */
  slug: string;
  name: string;
  home: Home;
  created_at: Timestamp;
}

export interface MembersTable {
  team_id: string;
  account_id: string;
  role: Role;
  joined_at: Timestamp;
}

export interface ChannelsTable {
  id: string;
  team_id: string;
  /** Without `#`, lower case; unique in the team. */
  name: string;
  topic: string;
  is_private: Flag;
  home: Home;
  /** Name on the server, without `#`; unique there. */
  address: string;
  created_at: Timestamp;
  archived_at: Timestamp | null;
}

export interface ChannelMembersTable {
  channel_id: string;
  account_id: string;
  added_at: Timestamp;
}

export interface InvitesTable {
  id: string;
  token_hash: string;
  team_id: string;
  role: Role;
  created_by: string;
  created_at: Timestamp;
  expires_at: Timestamp;
  uses_left: number;
  revoked_at: Timestamp | null;
}

/** What an account lets an app do in its remoteStorage; the app holds the token. */
export interface StorageGrantsTable {
  id: string;
  token_hash: string;
  account_id: string;
  /** The web client's grant lives as long as the session that asked for it; an app's grant belongs to none. */
  session_id: string | null;
  /** Origin of the app, as its redirect_uri proved it. */
  client: string;
  /** As in OAuth: `notes:rw contacts:r`. */
  scopes: string;
  created_at: Timestamp;
  used_at: ColumnType<Timestamp | null, Timestamp | null, Timestamp>;
}

/** One row per account that stored anything. Whoever writes for the account updates this row first: that puts writes in order. */
export interface StorageAccountsTable {
  account_id: string;
  /** Rises with each write, and is never reused. */
  revision: number;
  bytes: number;
  /** Bytes; null for the appliance's default. */
  quota: number | null;
}

/** A document or a folder that is not empty. The root folder is the row with folder and name ''. */
export interface StorageItemsTable {
  account_id: string;
  /** Decoded path of the parent, with `/` at both ends. */
  folder: string;
  /** Without `/`: a document and a folder cannot share a name. */
  name: string;
  is_folder: Flag;
  etag: string;
  /** The document's; null for a folder. */
  type: string | null;
  length: number | null;
  /** Names the content, in the blob store or in `storage_contents`. */
  blob: string | null;
  modified_at: Timestamp;
}

/** Contents too small for a file of their own. */
export interface StorageContentsTable {
  id: string;
  account_id: string;
  content: Buffer;
}

export interface Schema {
  settings: SettingsTable;
  events: EventsTable;
  accounts: AccountsTable;
  credentials: CredentialsTable;
  sessions: SessionsTable;
  teams: TeamsTable;
  members: MembersTable;
  channels: ChannelsTable;
  channel_members: ChannelMembersTable;
  invites: InvitesTable;
  storage_grants: StorageGrantsTable;
  storage_accounts: StorageAccountsTable;
  storage_items: StorageItemsTable;
  storage_contents: StorageContentsTable;
}
