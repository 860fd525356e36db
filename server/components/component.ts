import type { ApplianceEvent } from '../foundation/events.ts';
import type { Logger } from '../foundation/logging.ts';
import type { Settings } from '../foundation/settings.ts';
import type { Topology } from '../foundation/topology.ts';
import type { Database } from '../database/database.ts';

/** In the order in which they stop; they start the other way round, as far as `after` asks for it. */
export const componentNames = ['gateway', 'daemon', 'storage', 'prosody', 'ergo', 'edge'] as const;
export type ComponentName = (typeof componentNames)[number];

/** What a component may know of the appliance that runs it. Made anew when the domain changes. */
export interface Appliance {
  readonly settings: Settings;
  readonly topology: Topology;
  /** The home domain: the environment's, else the one chosen at set-up, else `localhost`. */
  readonly domain: string;
  readonly database: Database;
  readonly logger: Logger;
  /** PEM files that the public TLS ports use. */
  readonly certificate: { readonly certificateFile: string; readonly keyFile: string };
  /** The ACME directory that an admin chose; the environment's, else Caddy's own choice, without one. */
  readonly acmeDirectory?: string;
}

/** How to start a component's program. No secret belongs into arguments or the environment: both can be read by others. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly folder?: string;
}

/** What has to happen to a running program after its configuration was rendered. */
export type ConfigurationEffect = 'none' | 'reload' | 'restart';

export interface Component {
  readonly name: ComponentName;
  /** For people: “IRC server (Ergo)”. */
  readonly title: string;
  /** Components that must be ready before this one starts. */
  readonly after: readonly ComponentName[];
  /** Debian's package of the program, where it is not ours. */
  readonly package?: string;
  /** Writes the configuration files that differ (`updateFile`), and the folders they need. */
  configure(appliance: Appliance): ConfigurationEffect;
  launch(appliance: Appliance): Launch;
  /** Whether somebody else runs it: then nothing is configured or started, and only looked whether it answers. */
  isExternal?(appliance: Appliance): boolean;
  /** Resolves once the program answers in its own protocol; rejects with the reason if it does not. Bounded by `signal`. */
  checkReady(appliance: Appliance, signal: AbortSignal): Promise<void>;
  /** Has the running program take up its configuration, where it is not told by SIGHUP. */
  reload?(appliance: Appliance): Promise<void>;
  /** For servers that hold channels and members of ours. */
  createProvisioner?(appliance: Appliance): Provisioner;
}

/** A connection of an account to one of the servers. */
export interface LiveSession {
  readonly name: string;
  readonly protocol: 'irc' | 'xmpp';
  /** What the client calls itself, where the protocol has it. */
  readonly client: string | null;
  readonly address: string | null;
  readonly since: string | null;
  /** The gateway's, for somebody in the web client. */
  readonly viaGateway: boolean;
}

/** Keeps a server's channels, members and suspensions as the database says. Calls never overlap. */
export interface Provisioner {
  /**
   * Makes the server hold what the database says, whatever it held before; called whenever the component became ready.
   * Idempotent. Rejects if the server cannot be reached or refuses: it is called again after a while.
   */
  reconcile(signal: AbortSignal): Promise<void>;
  /**
   * Carries out what one event tells, reading the database for the state to reach (it may be newer than the event). Events that do
   * not concern this server resolve at once. Rejects as `reconcile` does, which then follows.
   */
  apply(event: ApplianceEvent, signal: AbortSignal): Promise<void>;
  /** Who is connected now, our own bot and operator left out. Rejects as `reconcile` does. */
  listSessions(signal: AbortSignal): Promise<LiveSession[]>;
  /** Closes the connection to the server. Idempotent. */
  close(): Promise<void>;
}
