import type { Logger } from '../foundation/logging.ts';
import type { Settings } from '../foundation/settings.ts';
import type { Topology } from '../foundation/topology.ts';
import type { Database } from '../database/database.ts';
import type { Outbox } from '../database/events.ts';
import type { LiveSession } from '../components/component.ts';
import type { Credentials } from '../identity/credentials.ts';
import type { Tokens } from '../identity/tokens.ts';
import type { Preferences } from './preferences.ts';
import type { Presence } from './presence.ts';
import type { SecondFactorLogin } from './second-factor-login.ts';
import type { Supervisor } from '../supervisor/supervisor.ts';

/** What routes work with. */
export interface Services {
  readonly settings: Settings;
  readonly topology: Topology;
  readonly logger: Logger;
  readonly database: Database;
  readonly outbox: Outbox;
  readonly credentials: Credentials;
  readonly tokens: Tokens;
  readonly supervisor: Supervisor;
  readonly house: House;
  readonly presence: Presence;
  readonly secondFactors: SecondFactorLogin;
  readonly preferences: Preferences;
}

/** What routes may ask of the running appliance as a whole. */
export interface House {
  readonly domain: string;
  readonly isSetUp: boolean;
  /** False while control itself still starts its components. */
  readonly isStarted: boolean;
  /** Takes over the home domain and the state of set-up from the database. */
  refresh(): Promise<void>;
  /** Connections to IRC and XMPP; those of a server that does not answer are left out. */
  liveSessions(): Promise<LiveSession[]>;
  /** Components that are up and do not hold yet what the database says. */
  lateComponents(): string[];
  /** Waits a moment for the servers to take up all that is committed; false if one has not. */
  untilProvisioned(): Promise<boolean>;
}

export const VERSION = '0.1.0';
