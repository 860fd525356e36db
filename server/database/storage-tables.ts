import type { ColumnType } from 'kysely';
import type { Flag, Timestamp } from './schema.ts';

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

/** Accounts that keep their remoteStorage on another server. */
export interface StorageElsewhereTable {
  account_id: string;
  /** `name@host`, as its owner typed it. */
  address: string;
  /** JSON: what WebFinger there says of it. */
  links: string;
  checked_at: Timestamp;
}
