import type { ColumnType, Generated } from 'kysely';
import type { AdminSchema } from './schema-admin.ts';
import type {
  StorageAccountsTable,
  StorageContentsTable,
  StorageElsewhereTable,
  StorageGrantsTable,
  StorageItemsTable,
} from './storage-tables.ts';

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
  /** Confirmed, where the account registered itself. */
  email: ColumnType<string | null, string | null | undefined, string | null>;
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
  /** `#rrggbb` */
  accent: ColumnType<string | null, string | null | undefined, string | null>;
  /** Hash of the picture in `logos`. */
  logo: ColumnType<string | null, string | null | undefined, string | null>;
  /** Older messages are removed; null: kept for ever. */
  retention_days: ColumnType<number | null, number | null | undefined, number | null>;
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
  /** Opened to whoever joins the team. */
  is_default: ColumnType<Flag, Flag | undefined, Flag>;
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
  /** How often it may be used in all. */
  uses: ColumnType<number, number | undefined, number>;
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
  /** JSON: up to when each conversation was read, where the server itself keeps no such thing. */
  markers: ColumnType<string, string | undefined, string>;
  /** JSON: what was heard last in each conversation, where the server keeps a history. */
  heard: ColumnType<string, string | undefined, string>;
  created_at: Timestamp;
}

/** What a session heard while nobody listened, in order. */
export interface GatewayMissedTable {
  id: Generated<number>;
  session_id: string;
  /** JSON */
  activity: string;
}

/** Numbers channels for the archive: 4 bytes instead of 36 in each message and index. Outlives the channel until it is purged. */
export interface ArchiveChannelsTable {
  number: Generated<number>;
  channel_id: string;
}

export type MessageKind = 'text' | 'action' | 'notice' | 'join' | 'leave' | 'topic';

export interface MessagesTable {
  /** Milliseconds of `sent_at` times 1024, plus a number within the millisecond: sorts all messages by time. */
  position: number;
  channel: number;
  /** What the channel's server calls the message: msgid (IRC), stanza-id (XMPP). */
  server_id: string;
  /** What the sender's client calls it, where corrections go by that (XEP-0308). */
  origin_id: string | null;
  kind: MessageKind;
  /** Account, or nick in lower case where there is none: what `from:` finds. */
  sender: string;
  nick: string;
  account: string | null;
  /** As it stands after edits; empty once deleted. */
  text: string;
  /** As it was sent, where it was edited since. */
  original: string | null;
  reply_to: string | null;
  attachment: string | null;
  has_link: Flag;
  has_file: Flag;
  sent_at: Timestamp;
  edited_at: Timestamp | null;
  deleted_at: Timestamp | null;
}

export interface AmendmentsTable {
  channel: number;
  /** `server_id` of the message. */
  target: string;
  kind: 'edit' | 'deletion';
  server_id: string;
  sender: string;
  /** The new wording. */
  text: string;
  at: Timestamp;
}

export interface ReactionsTable {
  channel: number;
  target: string;
  sender: string;
  emoji: string;
  nick: string;
  at: Timestamp;
}

/** FTS5 table of SQLite; PostgreSQL has an index of this name instead. */
export interface MessageSearchTable {
  rowid: number;
  message_search: string;
}

/** Days of channels that have a chat-messages document. */
export interface DocumentDaysTable {
  channel_id: string;
  /** `2026/01/02` */
  day: string;
  /** To be written. */
  is_dirty: Flag;
  /** Never written: its neighbours do not name it yet. */
  is_new: Flag;
  /** Where the document stands; null if it was not written or was taken away. */
  place: 'public' | 'private' | null;
}

/** What was chosen for the documents of a channel; private where nothing was. */
export interface ChannelDocumentsTable {
  channel_id: string;
  visibility: 'public' | 'private' | 'off';
}

/** The remoteStorage account of a team. */
export interface TeamStorageTable {
  team_id: string;
  account_id: string;
  /** Sealed. */
  token: string;
}

export interface WebhooksTable {
  id: string;
  channel_id: string;
  name: string;
  secret_hash: string;
  created_by: string | null;
  created_at: Timestamp;
  used_at: Timestamp | null;
  last_error: string | null;
}

/** What a sender called its deliveries, so that a repeated one is told apart. */
export interface WebhookDeliveriesTable {
  webhook_id: string;
  delivery: string;
  at: Timestamp;
}

/** What came in by a webhook, and what became of it. */
export interface WebhookCallsTable {
  id: string;
  webhook_id: string;
  at: Timestamp;
  /** Null where it was refused before one was recognised. */
  format: string | null;
  /** HTTP's, as it was answered. */
  status: number;
  outcome: string;
}

export interface OutgoingWebhooksTable {
  id: string;
  channel_id: string;
  name: string;
  url: string;
  /** Sealed: signing needs it as it is. */
  secret: string;
  trigger: 'message' | 'mention';
  /** What counts as a mention. */
  word: string | null;
  created_by: string | null;
  created_at: Timestamp;
}

export interface OutgoingDeliveriesTable {
  id: string;
  webhook_id: string;
  body: string;
  created_at: Timestamp;
  attempts: number;
  /** Null once it is delivered or given up. */
  next_at: Timestamp | null;
  status: number | null;
  outcome: string | null;
}

export interface ReadMarkersTable {
  account_id: string;
  channel_id: string;
  /** Of the newest message read. */
  position: number;
}

export interface MentionsTable {
  account_id: string;
  channel_id: string;
  position: number;
}

export interface AttentionLevelsTable {
  account_id: string;
  channel_id: string;
  level: 'all' | 'mentions' | 'none';
}

export interface PushPreferencesTable {
  account_id: string;
  shows_content: Flag;
  /** `22:00`, in `time_zone`. */
  quiet_from: string | null;
  quiet_until: string | null;
  time_zone: string;
}

export interface PushSubscriptionsTable {
  id: string;
  account_id: string;
  endpoint: string;
  p256dh: string;
  auth: string;
  user_agent: string | null;
  created_at: Timestamp;
  delivered_at: Timestamp | null;
  last_error: string | null;
}

/** Pushes that may still be on a screen: what is read elsewhere takes them back. */
export interface ShownPushesTable {
  account_id: string;
  /** Id of a channel, or what the gateway calls a direct conversation. */
  conversation: string;
}

export interface LinkPreviewsTable {
  url: string;
  /** JSON, null where there is none to show. */
  preview: string | null;
  fetched_at: Timestamp;
}

export interface Schema extends AdminSchema {
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
  gateway_missed: GatewayMissedTable;
  archive_channels: ArchiveChannelsTable;
  messages: MessagesTable;
  amendments: AmendmentsTable;
  reactions: ReactionsTable;
  message_search: MessageSearchTable;
  document_days: DocumentDaysTable;
  channel_documents: ChannelDocumentsTable;
  team_storage: TeamStorageTable;
  webhooks: WebhooksTable;
  webhook_deliveries: WebhookDeliveriesTable;
  webhook_calls: WebhookCallsTable;
  outgoing_webhooks: OutgoingWebhooksTable;
  outgoing_deliveries: OutgoingDeliveriesTable;
  read_markers: ReadMarkersTable;
  mentions: MentionsTable;
  attention_levels: AttentionLevelsTable;
  push_preferences: PushPreferencesTable;
  push_subscriptions: PushSubscriptionsTable;
  shown_pushes: ShownPushesTable;
  storage_elsewhere: StorageElsewhereTable;
  link_previews: LinkPreviewsTable;
  storage_grants: StorageGrantsTable;
  storage_accounts: StorageAccountsTable;
  storage_items: StorageItemsTable;
  storage_contents: StorageContentsTable;
}
