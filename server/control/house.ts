import type { Logger } from '../foundation/logging.ts';
import type { Settings } from '../foundation/settings.ts';
import type { Topology } from '../foundation/topology.ts';
import type { Outbox } from '../database/events.ts';
import { findSetting } from '../database/settings.ts';
import { ensureCertificate } from '../components/certificate.ts';
import type { Appliance, Component } from '../components/component.ts';
import type { DockerDriver } from '../supervisor/drivers/docker.ts';
import type { Driver } from '../supervisor/drivers/driver.ts';
import { Provisioning } from '../supervisor/provisioning.ts';
import { Supervisor } from '../supervisor/supervisor.ts';
import type { House } from './services.ts';

/** A request waits this long for the servers, then answers all the same: what is committed gets there. */
const PROVISION_LIMIT = 5_000;
const WITHOUT_DOMAIN = 'localhost';
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

  get certificateFile(): string {
    return this.#appliance.certificate.certificateFile;
  }

  get appliance(): Appliance {
    return this.#appliance;
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
    const appliance = await makeAppliance(this.#parts);
    if (appliance.domain === this.#appliance.domain) {
      if (appliance.acmeDirectory === this.#appliance.acmeDirectory) return;
      this.#appliance = appliance;
      return this.supervisor.applyConfiguration();
    }
    await Promise.all(this.#provisionings.map((provisioning) => provisioning.close()));
    this.#appliance = appliance;
    await this.supervisor.applyConfiguration();
    this.#startProvisioning();
  }

  async untilProvisioned(): Promise<boolean> {
    const latest = await this.#parts.outbox.findLatest();
    const all = await Promise.all(this.#provisionings.map((provisioning) => provisioning.untilApplied(latest, PROVISION_LIMIT)));
    return all.every(Boolean);
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

async function makeAppliance({ settings, topology, outbox, logger }: Parts): Promise<Appliance> {
  const domain = settings.domain ?? (await findSetting(outbox.database, 'domain')) ?? WITHOUT_DOMAIN;
  const certificate = await ensureCertificate(settings.dataFolder, domain);
  const isStaging = (await findSetting(outbox.database, 'acmeStaging')) ?? false;
  const acmeDirectory = settings.acmeDirectory ?? (isStaging ? STAGING : undefined);
  return { settings, topology, domain, database: outbox.database, logger, certificate, ...(acmeDirectory && { acmeDirectory }) };
}

async function readIsSetUp({ outbox }: Parts): Promise<boolean> {
  return (await findSetting(outbox.database, 'setUpAt')) !== undefined;
}
