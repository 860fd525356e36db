import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { KosmosError, messageOf } from '../../foundation/errors.ts';
import type { Logger } from '../../foundation/logging.ts';
import { loadSecret } from '../../foundation/secrets.ts';
import type { Settings } from '../../foundation/settings.ts';
import type { Database } from '../../database/database.ts';
import { findSetting, storeSetting, type BackupPlan, type BackupRun } from '../../database/settings.ts';
import { Restic } from './restic.ts';
import { takeSnapshot } from './snapshot.ts';
import { verifyConfigurations, verifyTree } from './verify.ts';

const RUNS_KEPT = 50;
const HOUR = 3_600_000;

interface Parts {
  readonly settings: Settings;
  readonly database: Database;
  readonly logger: Logger;
  readonly version: string;
  readonly domain: () => string;
}

/** Backs up, and proves each backup by restoring it into a scratch folder. One at a time. */
export class Backups {
  readonly #parts: Parts;
  #isRunning = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Where backups go and which stay, as chosen or as it comes. */
  async plan(): Promise<BackupPlan> {
    return { ...defaultPlan(this.#parts.settings), ...(await findSetting(this.#parts.database, 'backupPlan')) };
  }

  /** Newest first. */
  async runs(): Promise<BackupRun[]> {
    return (await findSetting(this.#parts.database, 'backupRuns')) ?? [];
  }

  /** Throws KOSMOS_ERR_BACKUP_…; what went wrong is remembered too. */
  async run(plan?: BackupPlan): Promise<BackupRun> {
    if (this.#isRunning) throw new KosmosError('KOSMOS_ERR_BACKUP_RUNS');
    this.#isRunning = true;
    const startedAt = new Date().toISOString();
    try {
      const done = await this.#backUp(plan ?? (await this.plan()), startedAt);
      await this.#remember(done);
      return done;
    } catch (error) {
      await this.#remember({ startedAt, failure: messageOf(error) });
      throw error;
    } finally {
      this.#isRunning = false;
    }
  }

  /** Runs at the hour of the plan, once a day. Returns how to end it. */
  schedule(): () => void {
    const look = async (): Promise<void> => {
      const { hour, isOn } = await this.plan();
      const [last] = await this.runs();
      const isFresh = last !== undefined && Date.now() - Date.parse(last.startedAt) < 2 * HOUR;
      if (!isOn || isFresh || this.#isRunning || new Date().getHours() !== hour) return;
      await this.run();
    };
    const timer = setInterval(
      () => void look().catch((error: unknown) => this.#parts.logger.error(`backup failed: ${messageOf(error)}`)),
      HOUR / 6,
    );
    return () => clearInterval(timer);
  }

  async #backUp(plan: BackupPlan, startedAt: string): Promise<BackupRun> {
    const { settings, logger } = this.#parts;
    const snapshot = path.join(settings.dataFolder, 'snapshot');
    loadSecret(settings.dataFolder, 'backup');
    const restic = new Restic(plan.repository, keyFileOf(settings));
    try {
      await restic.prepare();
      const { rows } = await takeSnapshot({ ...this.#parts, domain: this.#parts.domain() }, snapshot);
      const { id, added, files } = await restic.backup(snapshot);
      const provedAt = await this.#prove(restic, id, snapshot);
      await restic.forget(plan.keep);
      const bytes = { added, files, rows: Object.values(rows).reduce((sum, count) => sum + count, 0) };
      logger.info({ id, ...bytes }, 'backed up, and proved by restoring it');
      return { startedAt, id, ...bytes, endedAt: new Date().toISOString(), provedAt };
    } finally {
      await rm(snapshot, { recursive: true, force: true });
    }
  }

  async #prove(restic: Restic, id: string, snapshot: string): Promise<string> {
    const { settings, logger } = this.#parts;
    const scratch = path.join(settings.dataFolder, 'scratch');
    try {
      await rm(scratch, { recursive: true, force: true });
      await mkdir(scratch, { mode: 0o700 });
      await restic.restore(id, scratch);
      const restored = path.join(scratch, snapshot);
      const { domain } = await verifyTree(restored);
      await verifyConfigurations(restored, domain, settings, logger);
      return new Date().toISOString();
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }

  async #remember(run: BackupRun): Promise<void> {
    const runs = [run, ...(await this.runs())].slice(0, RUNS_KEPT);
    await storeSetting(this.#parts.database, 'backupRuns', runs);
  }
}

/** Beside the data folder: on the same disk, which saves from mistakes, not from the loss of the machine. */
function defaultPlan({ dataFolder, driver }: Settings): BackupPlan {
  const repository = driver === 'docker' ? '/backups' : `${dataFolder}-backups`;
  return { repository, isOn: false, hour: 3, keep: { daily: 7, weekly: 5, monthly: 12 } };
}

/** Opens every backup: who has lost it has lost them. */
export function keyFileOf({ dataFolder }: Pick<Settings, 'dataFolder'>): string {
  return path.join(dataFolder, 'secrets', 'backup');
}
