import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ComponentName } from '../components/component.ts';
import { VERSION } from './services.ts';

const run = promisify(execFile);
const LIMIT = 5_000;

/** How each foreign program tells its version; ours have control's. */
const asked = {
  ergo: { command: 'ergochat', args: ['--version'], pattern: /ergo-?v?(\d[\w.-]*)/i },
  prosody: { command: 'prosodyctl', args: ['about'], pattern: /Prosody (\d[\w.-]*)/ },
} as const;

/** Versions of the programs, asked once in the background. */
export class Versions {
  readonly #found = new Map<string, string>();

  async refresh(): Promise<void> {
    await Promise.all(
      Object.entries(asked).map(async ([name, { command, args, pattern }]) => {
        const output = await run(command, args, { timeout: LIMIT }).catch(() => undefined);
        const version = pattern.exec(`${output?.stdout ?? ''}${output?.stderr ?? ''}`)?.[1];
        if (version !== undefined) this.#found.set(name, version);
      }),
    );
  }

  of(name: ComponentName): string | undefined {
    return name in asked ? this.#found.get(name) : VERSION;
  }
}
