import { ControlClient } from '../foundation/control-client.ts';
import type { ApplianceEvent } from '../foundation/events.ts';
import type { Logger } from '../foundation/logging.ts';
import type { Settings } from '../foundation/settings.ts';
import { dialectOf, openDatabase, type Database } from '../database/database.ts';
import { Outbox } from '../database/events.ts';
import { wakeControlOnCommit } from '../database/wake-control.ts';
import { findHomeDomain } from '../database/settings.ts';
import { ChannelLogger } from './logger/logger.ts';
import type { Recorded } from './logger/lane.ts';

export interface DaemonParts {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly stopping: AbortSignal;
}

/** Something that wants to know what is new in the archive. */
export interface Listener {
  take(recorded: Recorded): Promise<void>;
  /** Told of what changed in the appliance; an event may come twice. */
  apply?(event: ApplianceEvent): Promise<void>;
  close(): Promise<void>;
}

/** Makes a listener for a home domain. */
type Make<T extends Listener> = (daemon: Daemon, domain: string) => T;

/** The logger and all that hangs on it, for one home domain after the other. */
export class Daemon<Listeners extends Record<string, Listener> = Record<string, Listener>> {
  readonly database: Database;
  readonly outbox: Outbox;
  readonly control: ControlClient;
  readonly #parts: DaemonParts;
  readonly #make: { readonly [Name in keyof Listeners]: Make<Listeners[Name]> };
  #logger: ChannelLogger | undefined;
  #listening = new Map<keyof Listeners, Listener>();
  #following: Promise<void> = Promise.resolve();

  constructor(parts: DaemonParts, make: { readonly [Name in keyof Listeners]: Make<Listeners[Name]> }) {
    this.#parts = parts;
    this.#make = make;
    this.database = openDatabase(parts.settings);
    this.outbox = new Outbox(this.database, dialectOf(parts.settings));
    this.control = new ControlClient(parts.settings);
  }

  get channels(): ChannelLogger {
    if (!this.#logger) throw new Error('the daemon has not started');
    return this.#logger;
  }

  listener<Name extends keyof Listeners>(name: Name): Listeners[Name] {
    const found = this.#listening.get(name);
    if (!found) throw new Error('the daemon has not started');
    return found as Listeners[Name];
  }

  /** Reads the state first and then follows what changes from before it was read: nothing falls between. */
  async start(): Promise<void> {
    const cursor = await this.outbox.findLatest();
    wakeControlOnCommit(this.outbox, this.control, this.#parts.logger);
    await this.#open();
    const { stopping, logger } = this.#parts;
    this.#following = this.control.follow(cursor, (event) => this.#apply(event), stopping, logger);
  }

  health(): object {
    return { homes: this.#logger?.health() ?? {} };
  }

  async close(): Promise<void> {
    await this.#following;
    await this.#shut();
    await this.database.destroy();
  }

  async #apply(event: ApplianceEvent): Promise<void> {
    if (event.type === 'domain-changed') {
      await this.#shut();
      return this.#open();
    }
    await this.#logger?.apply(event);
    for (const listener of this.#listening.values()) await listener.apply?.(event);
  }

  async #open(): Promise<void> {
    const { settings, logger } = this.#parts;
    const domain = await findHomeDomain(settings, this.database);
    this.#listening = new Map(Object.entries(this.#make).map(([name, make]) => [name, make(this as unknown as Daemon, domain)]));
    const onRecorded = async (recorded: Recorded): Promise<void> => {
      for (const listener of this.#listening.values()) await listener.take(recorded);
    };
    this.#logger = new ChannelLogger({ settings, database: this.database, control: this.control, logger, domain, onRecorded });
    await this.#logger.refresh();
  }

  async #shut(): Promise<void> {
    await this.#logger?.close();
    await Promise.all([...this.#listening.values()].map((listener) => listener.close()));
  }
}
