import type { Logger } from '../foundation/logging.ts';
import type { Settings } from '../foundation/settings.ts';
import type { Topology } from '../foundation/topology.ts';
import type { Database } from '../database/database.ts';
import type { Outbox } from '../database/events.ts';
import type { Credentials } from '../identity/credentials.ts';
import type { Tokens } from '../identity/tokens.ts';
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
}

/** What routes may ask of the running appliance as a whole. */
export interface House {
  readonly domain: string;
  /** PEM: what the public TLS ports of IRC and XMPP show. */
  readonly certificateFile: string;
  readonly isSetUp: boolean;
  /** False while control itself still starts its components. */
  readonly isStarted: boolean;
  /** Takes over the home domain and the state of set-up from the database. */
  refresh(): Promise<void>;
  /** Waits a moment for the servers to take up all that is committed; false if one has not. */
  untilProvisioned(): Promise<boolean>;
}

export const VERSION = '0.1.0';
