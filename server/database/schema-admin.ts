import type { Generated } from 'kysely';
import type { CredentialsTable, Timestamp } from './schema.ts';

/** One line of the audit log. It outlives accounts and teams, so it has their names. */
export interface ActsTable {
  id: Generated<number>;
  at: Timestamp;
  /** Null: the appliance itself. */
  actor: string | null;
  via: 'web' | 'program' | 'shell' | 'appliance';
  address: string | null;
  action: string;
  team_id: string | null;
  /** Slug. */
  team: string | null;
  target: string | null;
  /** JSON object. */
  details: string;
}

export interface LogosTable {
  /** SHA-256 of the content, base64url. */
  hash: string;
  type: string;
  content: Buffer;
}

export interface InviteUsesTable {
  invite_id: string;
  account_id: string;
  used_at: Timestamp;
}

/** When an account was last there, by the protocol that it used. */
export interface AccountSeenTable {
  account_id: string;
  protocol: 'web' | 'irc' | 'xmpp';
  seen_at: Timestamp;
}

/** Links by which somebody chooses a new password; the newest of an account counts. */
export interface ResetLinksTable {
  token_hash: string;
  account_id: string;
  created_at: Timestamp;
  expires_at: Timestamp;
}

/** Accounts that wait for their mail address to be confirmed. */
export interface RegistrationsTable {
  token_hash: string;
  name: string;
  display_name: string | null;
  email: string;
  /** JSON of the SCRAM keys. */
  keys: string;
  team_id: string;
  created_at: Timestamp;
  expires_at: Timestamp;
}

export interface SecondFactorsTable {
  id: string;
  account_id: string;
  kind: 'totp' | 'passkey';
  name: string;
  created_at: Timestamp;
  /** Null until a first code showed that the app has the secret. */
  confirmed_at: Timestamp | null;
  used_at: Timestamp | null;
  /** TOTP: sealed. */
  secret: string | null;
  /** TOTP: the time step of the last code taken; none is taken twice. */
  last_step: number | null;
  /** Passkey: id of the credential, base64url. */
  credential: string | null;
  public_key: string | null;
  counter: number | null;
  /** JSON list. */
  transports: string | null;
  /** Passkey: the domain (RP ID) that it belongs to. */
  domain: string | null;
}

export interface RecoveryCodesTable {
  account_id: string;
  hash: string;
  used_at: Timestamp | null;
}

/** SCRAM keys of the password for IRC, XMPP and storage of an account that has a second factor. */
export interface ClientCredentialsTable extends CredentialsTable {
  created_at: Timestamp;
}

export interface AdminSchema {
  acts: ActsTable;
  logos: LogosTable;
  invite_uses: InviteUsesTable;
  account_seen: AccountSeenTable;
  reset_links: ResetLinksTable;
  registrations: RegistrationsTable;
  second_factors: SecondFactorsTable;
  recovery_codes: RecoveryCodesTable;
  client_credentials: ClientCredentialsTable;
}
