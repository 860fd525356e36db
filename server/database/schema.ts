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

/** A session to a server that is not ours: it outlives the browser and comes back after a restart of the gateway. */
export interface GatewaySessionsTable {
  id: string;
  account_id: string;
  platform: string;
  actor_id: string;
  /** JSON of the actor. */
  actor: string;
  /** JSON of the credentials, sealed (AES-256-GCM) for this row. */
  credentials: string;
  /** JSON list of the targets joined. */
  rooms: string;
  created_at: Timestamp;
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
  gateway_sessions: GatewaySessionsTable;
}
