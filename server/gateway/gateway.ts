import http from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { ControlClient } from '../foundation/control-client.ts';
import type { Logger } from '../foundation/logging.ts';
import { healthListener, listen } from '../foundation/program.ts';
import { loadKey, loadSecret } from '../foundation/secrets.ts';
import type { Settings } from '../foundation/settings.ts';
import { topologyOf } from '../foundation/topology.ts';
import { dialectOf, openDatabase } from '../database/database.ts';
import { Outbox } from '../database/events.ts';
import { wakeControlOnCommit } from '../database/wake-control.ts';
import { findGatewaySettings, type GatewaySettings } from '../database/gateway-settings.ts';
import { applyEvent } from './access/follow.ts';
import { admit } from './access/handshake.ts';
import { Guests } from './access/guests.ts';
import { defaultLimits, type Limits } from './access/limits.ts';
import type { Platform } from './platforms/platform.ts';
import { SessionRegistry } from './sessions/registry.ts';
import { SessionStore } from './sessions/store.ts';
import type { Surroundings } from './sessions/surroundings.ts';
import { TeamSide } from './team/team-side.ts';
import { Catalogue } from './wire/catalogue.ts';
import { Wire } from './wire/server.ts';

export interface GatewayOptions {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly platforms: readonly Platform[];
  readonly limits?: Partial<Limits>;
  /** Instead of what the database says, for tests. */
  readonly policy?: Partial<GatewaySettings>;
}

const RETRY = 500;
const SWEEP = 600_000;

/** The whole gateway in one object: listens, admits, holds the sessions, follows control. */
export class Gateway {
  readonly #outbox: Outbox;
  readonly #stop = new AbortController();
  readonly #control: ControlClient;
  readonly #surroundings: Surroundings;
  readonly #registry: SessionRegistry;
  readonly #server: http.Server;
  readonly #wire: Wire;
  #sweep: NodeJS.Timeout | undefined;

  /** Resolves when it listens. Waits for control, which knows the domain, until `signal` aborts. */
  static async start(options: GatewayOptions, signal: AbortSignal): Promise<Gateway> {
    const database = openDatabase(options.settings);
    const control = new ControlClient(options.settings);
    const domain = await learnDomain(control, options.logger, signal);
    const policy = { ...(await findGatewaySettings(database)), ...options.policy };
    const outbox = new Outbox(database, dialectOf(options.settings));
    const gateway = new Gateway(options, outbox, control, domain, policy);
    const cursor = await outbox.findLatest();
    await listen(gateway.#server, gateway.#surroundings.topology.gateway);
    gateway.#run(cursor);
    return gateway;
  }

  private constructor(options: GatewayOptions, outbox: Outbox, control: ControlClient, domain: string, policy: GatewaySettings) {
    const { settings, logger } = options;
    const limits = { ...defaultLimits, ...options.limits };
    const guests = new Guests(limits);
    const catalogue = new Catalogue(options.platforms);
    this.#outbox = outbox;
    this.#control = control;
    const store = new SessionStore(outbox.database, loadKey(settings.dataFolder, 'encryption'));
    const topology = topologyOf(settings);
    const team = new TeamSide({ outbox, logger, daemon: topology.daemon, secret: loadSecret(settings.dataFolder, 'internal') });
    this.#surroundings = { control, topology, limits, policy, store, team, logger, domain };
    this.#registry = new SessionRegistry(this.#surroundings, catalogue.platforms);
    this.#server = http.createServer(healthListener(() => ({ sockets: this.#wire.size, sessions: this.#registry.size })));
    this.#wire = new Wire({
      ...{ server: this.#server, catalogue, registry: this.#registry, limits, logger },
      admit: (handshake) => admit(control, handshake, this.#surroundings.domain, this.#surroundings.policy.guests ? guests : undefined),
    });
  }

  /** Parts from everybody politely; sessions to other servers come back with the next start. */
  async close(): Promise<void> {
    this.#stop.abort();
    clearInterval(this.#sweep);
    await this.#wire.close();
    await this.#registry.close();
    await this.#outbox.database.destroy();
  }

  #run(cursor: number): void {
    const { logger } = this.#surroundings;
    const concerned = {
      ...{ wire: this.#wire, registry: this.#registry, surroundings: this.#surroundings },
      findSettings: () => findGatewaySettings(this.#outbox.database),
    };
    const { signal } = this.#stop;
    wakeControlOnCommit(this.#outbox, this.#control, logger);
    void this.#control.follow(cursor, (event) => applyEvent(concerned, event), signal, logger);
    const complain = (error: unknown): void => logger.error({ err: error }, 'sessions could not be restored');
    this.#registry.restore(signal).catch(complain);
    this.#registry.restoreReachable(signal).catch(complain);
    this.#sweep = setInterval(() => void this.#registry.sweep().catch(complain), SWEEP).unref();
  }
}

async function learnDomain(control: ControlClient, logger: Logger, signal: AbortSignal): Promise<string> {
  for (;;) {
    try {
      return (await control.request<{ domain: string }>({ path: '/internal/appliance' })).domain;
    } catch (error) {
      signal.throwIfAborted();
      logger.debug({ err: error }, 'waiting for control');
      await wait(RETRY, undefined, { signal });
    }
  }
}
