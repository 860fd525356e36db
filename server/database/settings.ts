import type { Settings } from '../foundation/settings.ts';
import type { Queries } from './database.ts';
import type { GatewaySettings } from './gateway-settings.ts';

/** Where backups go, when, and how many stay. */
export interface BackupPlan {
  readonly repository: string;
  readonly isOn: boolean;
  readonly hour: number;
  readonly keep: { readonly daily: number; readonly weekly: number; readonly monthly: number };
}

/** How one backup went; `failure` tells why it did not. */
export interface BackupRun {
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly id?: string;
  readonly files?: number;
  readonly rows?: number;
  readonly added?: number;
  readonly provedAt?: string;
  readonly failure?: string;
}

/** What an admin chose and the appliance remembers of itself. */
export interface StoredSettings {
  /** The home domain chosen at set-up. */
  domain: string;
  /** BCP 47, for who chose none. */
  language: string;
  /** How long a log-in lasts. */
  sessionDays: number;
  secondFactorForAdmins: boolean;
  /** Who may make an account without an invite; `team` is an id. */
  registration: { policy: 'invite' | 'open' | 'domains'; domains: string[]; team: string | null };
  limits: { requestsPerMinute: number; loginFailures: number };
  /** `password` is sealed. */
  smtp: {
    host: string;
    port: number;
    security: 'tls' | 'starttls' | 'none';
    user: string | null;
    password: string | null;
    from: string;
  } | null;
  /** Servers of others that take the place of components. */
  externals: Partial<Record<'ergo' | 'prosody', { host: string; port: number }>>;
  /** Where the storage of new accounts is, each under its own name; absent: here. */
  newStorage: { host: string; port: number } | null;
  /** When set-up was completed. */
  setUpAt: string;
  /** Certificates for trial only, from the authority's staging directory. */
  acmeStaging: boolean;
  backupPlan: BackupPlan;
  /** Newest first. */
  backupRuns: BackupRun[];
  /** See gateway-settings.ts; what is absent is as it comes. */
  gatewayHosts: Partial<Omit<GatewaySettings, 'ports'>> & { readonly ports?: Partial<GatewaySettings['ports']> };
  /** `host:port` of the own network that members may have called (push, outgoing webhooks, previews, their storage), beside public addresses. */
  innerPlaces: string[];
  /** What remoteStorage grants an account and a document, in bytes; contents of up to `small` (4,096 without it) lie in the database. */
  storageLimits: { quota: number; document: number; small?: number };
  /** Where in a bucket the contents of this appliance's documents are. */
  storageFolder: string;
}

export async function findSetting<K extends keyof StoredSettings>(queries: Queries, key: K): Promise<StoredSettings[K] | undefined> {
  const row = await queries.selectFrom('settings').select('value').where('key', '=', key).executeTakeFirst();
  return row && (JSON.parse(row.value) as StoredSettings[K]);
}

/** The environment's word, else what was chosen at set-up, else `localhost`. */
export async function findHomeDomain(settings: Pick<Settings, 'domain'>, queries: Queries): Promise<string> {
  return settings.domain ?? (await findSetting(queries, 'domain')) ?? 'localhost';
}

export async function storeSetting<K extends keyof StoredSettings>(queries: Queries, key: K, value: StoredSettings[K]): Promise<void> {
  const stored = JSON.stringify(value);
  await queries
    .insertInto('settings')
    .values({ key, value: stored })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: stored }))
    .execute();
}
