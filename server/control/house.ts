import type { Logger } from '../foundation/logging.ts';
import type { Settings } from '../foundation/settings.ts';
import { topologyOf, type Topology } from '../foundation/topology.ts';
import type { Outbox } from '../database/events.ts';
import { findHomeDomain, findSetting } from '../database/settings.ts';
import { ensureCertificate } from '../components/certificate.ts';
import type { Appliance, Component, ComponentName, LiveSession } from '../components/component.ts';
import type { DockerDriver } from '../supervisor/drivers/docker.ts';
import type { Driver } from '../supervisor/drivers/driver.ts';
import { Provisioning } from '../supervisor/provisioning.ts';
import { Supervisor } from '../supervisor/supervisor.ts';
import type { House } from './services.ts';

/** A request waits this long for the servers, then answers all the same: what is committed gets there. */
const PROVISION_LIMIT = 5_000;
/** Who has to learn where a server is, in the order in which they are started anew. */
const speakers = { ergo: ['ergo', 'daemon', 'gateway'], prosody: ['prosody', 'daemon', 'gateway'] } as const;
const addressOf = { ergo: 'ergoAddress', prosody: 'prosodyAddress' } as const;
const SESSIONS_LIMIT = 3_000;
const LONGEST_PROVISIONING = 10_000;
/** Let's Encrypt's directory for trials, whose limits are far wider. */
const STAGING = 'https://acme-staging-v02.api.letsencrypt.org/directory';

interface Parts {
  readonly settings: Settings;
  readonly topology: Topology;
  readonly outbox: Outbox;
  readonly logger: Logger;
  readonly driver: Driver | DockerDriver;
  readonly components: readonly Component[];
}

/** The running appliance: its components under supervision, its servers provisioned, its home domain. */
export class RunningHouse implements House {
  readonly supervisor: Supervisor;
  readonly #parts: Parts;
  #appliance: Appliance;
  #isSetUp: boolean;
  #isStarted = false;
  #provisionings: Provisioning[] = [];

  static async open(parts: Parts): Promise<RunningHouse> {
    return new RunningHouse(parts, await makeAppliance(parts), await readIsSetUp(parts));
  }

  private constructor(parts: Parts, appliance: Appliance, isSetUp: boolean) {
    this.#parts = parts;
    this.#appliance = appliance;
    this.#isSetUp = isSetUp;
    this.supervisor = new Supervisor(parts.components, () => this.#appliance, parts.driver, parts.logger);
  }

  get domain(): string {
    return this.#appliance.domain;
  }

  get appliance(): Appliance {
    return this.#appliance;
  }

  get certificate(): Appliance['certificate'] {
    return this.#appliance.certificate;
  }

  get isSetUp(): boolean {
    return this.#isSetUp;
  }

  get isStarted(): boolean {
    return this.#isStarted;
  }

  async start(): Promise<void> {
    this.#startProvisioning();
    await this.supervisor.startAll();
    this.#isStarted = true;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#provisionings.map((provisioning) => provisioning.close()));
    await this.supervisor.stopAll();
  }

  async refresh(): Promise<void> {
    this.#isSetUp = await readIsSetUp(this.#parts);
    const [before, appliance] = [this.#appliance, await makeAppliance(this.#parts)];
    const moved = (['ergo', 'prosody'] as const).filter((name) => isElsewhere(name, appliance, before));
    if (appliance.domain === before.domain && moved.length === 0) {
      if (appliance.acmeDirectory === before.acmeDirectory) return;
      this.#appliance = appliance;
      return this.supervisor.applyConfiguration();
    }
    await Promise.all(this.#provisionings.map((provisioning) => provisioning.close()));
    this.#appliance = appliance;
    await this.supervisor.applyConfiguration();
    for (const name of new Set(moved.flatMap((server) => speakers[server]))) await this.supervisor.act(name, 'restart');
    this.#startProvisioning();
  }

  async untilProvisioned(): Promise<boolean> {
    const latest = await this.#parts.outbox.findLatest();
    const all = await Promise.all(this.#provisionings.map((provisioning) => provisioning.untilApplied(latest, PROVISION_LIMIT)));
    return all.every(Boolean);
  }

  async findProvisioningFault(component: ComponentName): Promise<string | undefined> {
    const latest = await this.#parts.outbox.findLatest();
    const provisioning = this.#provisionings.find(({ status }) => status.component === component);
    if (!provisioning) return undefined;
    if (await provisioning.untilApplied(latest, PROVISION_LIMIT)) return undefined;
    // It was stopped in the middle of something slow, perhaps: only what it says is a fault.
    if (provisioning.status.fault === undefined && (await provisioning.untilApplied(latest, LONGEST_PROVISIONING))) return undefined;
    return provisioning.status.fault ?? 'it took too long';
  }

  async liveSessions(): Promise<LiveSession[]> {
    const lists = await Promise.all(this.#provisionings.map((provisioning) => provisioning.listSessions(SESSIONS_LIMIT)));
    return lists.flat();
  }

  lateComponents(): string[] {
    return this.#provisionings.flatMap(({ status }) => (status.isLate ? [status.component] : []));
  }

  #startProvisioning(): void {
    this.#provisionings = this.supervisor.components.flatMap((supervised) => {
      const { component } = supervised;
      const provisioner = component.createProvisioner?.(this.#appliance);
      if (!provisioner) return [];
      return [new Provisioning(this.#parts.outbox, supervised, provisioner, this.#parts.logger.child({ about: component.name }))];
    });
    for (const provisioning of this.#provisionings) provisioning.start();
  }
}

function isElsewhere(name: keyof typeof addressOf, { settings }: Appliance, before: Appliance): boolean {
  return JSON.stringify(settings[addressOf[name]]) !== JSON.stringify(before.settings[addressOf[name]]);
}

async function makeAppliance({ settings, outbox, logger }: Parts): Promise<Appliance> {
  const domain = await findHomeDomain(settings, outbox.database);
  const certificate = await ensureCertificate(settings.dataFolder, domain);
  const isStaging = (await findSetting(outbox.database, 'acmeStaging')) ?? false;
  const acmeDirectory = settings.acmeDirectory ?? (isStaging ? STAGING : undefined);
  const { ergo = settings.ergoAddress, prosody = settings.prosodyAddress } = (await findSetting(outbox.database, 'externals')) ?? {};
  const chosen = { ...settings, ergoAddress: ergo, prosodyAddress: prosody };
  const base = { settings: chosen, topology: topologyOf(chosen), domain, database: outbox.database, logger, certificate };
  return { ...base, ...(acmeDirectory && { acmeDirectory }) };
}

async function readIsSetUp({ outbox }: Parts): Promise<boolean> {
  return (await findSetting(outbox.database, 'setUpAt')) !== undefined;
}
