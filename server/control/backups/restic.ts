import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { KosmosError } from '../../foundation/errors.ts';

/** One backup in the repository. */
export interface Kept {
  readonly id: string;
  readonly time: string;
  /** The folder that was backed up, as it was called then. */
  readonly folder: string;
}

/** How many backups of which age stay. */
export interface Policy {
  readonly daily: number;
  readonly weekly: number;
  readonly monthly: number;
}

const LIMIT = 6 * 3_600_000;
const LARGEST_OUTPUT = 16 * 1024 * 1024;
const TAG = 'kosmos-chat';
/** What restic needs of our environment: the way to programs, and to SFTP and S3. */
const passedOn = /^(PATH|HOME|TMPDIR|SSL_CERT_FILE|SSH_AUTH_SOCK|AWS_\w+)$/;

/** A repository of restic: encrypted, deduplicated; in a folder, on SFTP or S3. */
export class Restic {
  readonly #repository: string;
  readonly #keyFile: string;

  constructor(repository: string, keyFile: string) {
    this.#repository = repository;
    this.#keyFile = keyFile;
  }

  /** Makes the repository if there is none. */
  async prepare(): Promise<void> {
    try {
      await this.#run(['cat', 'config']);
    } catch (error) {
      if (!(error instanceof KosmosError) || error.code !== 'KOSMOS_ERR_BACKUP_NONE') throw error;
      await this.#run(['init']);
    }
  }

  /** Resolves with the new backup's id and the bytes that it added. */
  async backup(folder: string): Promise<{ id: string; added: number; files: number }> {
    const output = await this.#run(['backup', '--json', '--quiet', '--host', TAG, '--tag', TAG, folder]);
    const lines = output
      .trim()
      .split('\n')
      .flatMap((line): Record<string, unknown>[] => parse(line));
    const summary = lines.find(({ message_type: type }) => type === 'summary');
    if (!summary) throw new KosmosError('KOSMOS_ERR_BACKUP_FAILED', { reason: 'restic told of no backup' });
    return { id: String(summary.snapshot_id), added: Number(summary.data_added), files: Number(summary.total_files_processed) };
  }

  /** Newest first. */
  async list(): Promise<Kept[]> {
    const all = JSON.parse(await this.#run(['snapshots', '--json', '--tag', TAG])) as { short_id: string; time: string; paths: string[] }[];
    return all.map(({ short_id: id, time, paths }) => ({ id, time, folder: paths[0] ?? '' })).reverse();
  }

  async restore(id: string, target: string): Promise<void> {
    await this.#run(['restore', id, '--target', target]);
  }

  async forget({ daily, weekly, monthly }: Policy): Promise<void> {
    const keep = ['--keep-last', '1', '--keep-daily', String(daily), '--keep-weekly', String(weekly), '--keep-monthly', String(monthly)];
    // By host alone: the appliance may have moved to another folder.
    await this.#run(['forget', '--quiet', '--prune', '--tag', TAG, '--group-by', 'host', ...keep]);
  }

  async #run(args: readonly string[]): Promise<string> {
    const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => passedOn.test(name)));
    const child = spawn('restic', ['--no-cache', ...args], {
      env: { ...environment, RESTIC_REPOSITORY: this.#repository, RESTIC_PASSWORD_FILE: this.#keyFile },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: AbortSignal.timeout(LIMIT),
    });
    let [output, complaint] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-LARGEST_OUTPUT)));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(-20_000)));
    const [code] = (await once(child, 'close').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT')
        throw new KosmosError('KOSMOS_ERR_PROGRAM_MISSING', { program: 'restic', package: 'restic' }, { cause: error });
      throw error;
    })) as [number | null];
    if (code !== 0) throw explain(complaint);
    return output;
  }
}

/** restic says things between its lines of JSON. */
function parse(line: string): Record<string, unknown>[] {
  try {
    return [JSON.parse(line) as Record<string, unknown>];
  } catch {
    return [];
  }
}

function explain(complaint: string): KosmosError {
  const reason = complaint.trim().split('\n').slice(-3).join(' ').slice(0, 500) || 'restic ended without a word';
  if (/wrong password|no key found/.test(complaint)) return new KosmosError('KOSMOS_ERR_BACKUP_KEY');
  if (/unable to open config file|repository does not exist|Is there a repository/.test(complaint))
    return new KosmosError('KOSMOS_ERR_BACKUP_NONE');
  const isDamaged =
    /ciphertext verification|does not match|invalid data|unexpected EOF|not found in repository|no such file|wrong hash|decrypt/i;
  return new KosmosError(isDamaged.test(complaint) ? 'KOSMOS_ERR_BACKUP_DAMAGED' : 'KOSMOS_ERR_BACKUP_FAILED', { reason });
}
