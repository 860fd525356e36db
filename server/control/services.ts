import type { Logger } from '../foundation/logging.ts';
import type { Settings } from '../foundation/settings.ts';
import type { Topology } from '../foundation/topology.ts';
import type { Database } from '../database/database.ts';
import type { Outbox } from '../database/events.ts';
import type { Appliance, ComponentName, LiveSession } from '../components/component.ts';
import type { Credentials } from '../identity/credentials.ts';
import type { Tokens } from '../identity/tokens.ts';
import type { EventStreams } from './event-streams.ts';
import type { Externals } from './externals.ts';
import type { Preferences } from './preferences.ts';
import type { Presence } from './presence.ts';
import type { SecondFactorLogin } from './second-factor-login.ts';
import type { Versions } from './versions.ts';
import type { Sampler } from '../supervisor/sampler.ts';
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
  readonly sampler: Sampler;
  readonly versions: Versions;
  readonly externals: Externals;
  readonly eventStreams: EventStreams;
  /** When control was started. */
  readonly startedAt: string;
}

/** What routes may ask of the running appliance as a whole. */
export interface House {
  readonly domain: string;
  /** Of the public TLS ports of IRC and XMPP. */
  readonly certificate: { readonly certificateFile: string };
  /** What components know of the appliance as it is now, servers of others in the place of ours included. */
  readonly appliance: Appliance;
  readonly isSetUp: boolean;
  /** False while control itself still starts its components. */
  readonly isStarted: boolean;
  /** Takes over the home domain, the state of set-up and the servers of others from the database. */
  refresh(): Promise<void>;
  /** Connections to IRC and XMPP; those of a server that does not answer are left out. */
  liveSessions(): Promise<LiveSession[]>;
  /** Components that are up and do not hold yet what the database says. */
  lateComponents(): string[];
  /** The same for one server only, and longer; why it has not, if it has not. */
  findProvisioningFault(component: ComponentName): Promise<string | undefined>;
  /** Waits a moment for the servers to take up all that is committed; false if one has not. */
  untilProvisioned(): Promise<boolean>;
}

export const VERSION = '0.1.0';
