import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { requestComponent } from '../../../server/foundation/http-client.ts';
import { readSettings, type Settings } from '../../../server/foundation/settings.ts';
import { topologyOf } from '../../../server/foundation/topology.ts';
import { openDatabase, type Database } from '../../../server/database/database.ts';
import { migrate } from '../../../server/database/migrate.ts';
import { migrations } from '../../../server/database/migrations/all.ts';
import { ensureBot } from '../../../server/identity/accounts.ts';
import type { Tokens } from '../../../server/identity/tokens.ts';
import { People } from '../../support/people.ts';
import { startControl } from './control.ts';
import { startErgo } from './ergo.ts';
import { eventually } from '../../support/eventually.ts';
import { findFreePorts } from '../../support/ports.ts';
import { startProsody } from './prosody.ts';

export interface TestAppliance {
  readonly settings: Settings;
  readonly database: Database;
  readonly people: People;
  readonly tokens: Tokens;
  startDaemon(environment?: Record<string, string>): Promise<void>;
  /** As a crash would: no chance to tidy up. */
  killDaemon(): Promise<void>;
  stopDaemon(): Promise<void>;
  /** What the daemon wrote to its log. */
  log(): string;
  stop(): Promise<void>;
}

/** Ergo, Prosody, control's internal routes and the daemon as a process, in a temporary folder. */
export async function startAppliance(servers: readonly ('ergo' | 'prosody')[]): Promise<TestAppliance> {
  const dataFolder = mkdtempSync(path.join(os.tmpdir(), 'kosmos-daemon-'));
  const [port, irc, ircs, xmpp, internal] = (await findFreePorts(5)).map(String);
  const environment = {
    ...{ KOSMOS_DATA: dataFolder, KOSMOS_PORT: port, KOSMOS_IRC_PORT: irc, KOSMOS_IRCS_PORT: ircs, KOSMOS_XMPP_PORT: xmpp },
    ...{ KOSMOS_INTERNAL_PORT: internal, KOSMOS_DOMAIN: 'chat.test', KOSMOS_LOG_LEVEL: 'debug' },
  };
  const settings = readSettings(environment);
  mkdirSync(topologyOf(settings).runFolder, { recursive: true, mode: 0o700 });
  const database = openDatabase(settings);
  await migrate(database, 'sqlite', migrations);
  const people = new People(database);
  await people.outbox.change((change) => ensureBot(change, 'kosmos'));
  const control = await startControl(settings, people.outbox);
  const running = await Promise.all([
    ...(servers.includes('ergo') ? [startErgo(dataFolder, settings.ircPort)] : []),
    ...(servers.includes('prosody') ? [startProsody(dataFolder, settings.internalPort, 'chat.test')] : []),
  ]);
  const daemon = daemonProcess(environment, settings);
  return {
    ...{ settings, database, people, tokens: control.tokens },
    ...daemon,
    stop: async () => {
      await daemon.stopDaemon();
      await control.stop();
      await Promise.all(running.map((server) => server.stop()));
      await database.destroy();
      rmSync(dataFolder, { recursive: true, force: true });
    },
  };
}

function daemonProcess(environment: Record<string, string | undefined>, settings: Settings) {
  let child: ChildProcess | undefined;
  let log = '';
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  };
  return {
    startDaemon: async (more: Record<string, string> = {}) => {
      const main = path.join(import.meta.dirname, '../../../server/daemon/main.ts');
      const started = spawn(process.execPath, ['--import', 'tsx', main], { env: { ...process.env, ...environment, ...more } });
      child = started;
      for (const stream of [started.stdout, started.stderr]) stream.on('data', (chunk: Buffer) => (log += String(chunk)));
      const healthy = async (): Promise<boolean> => {
        if (started.exitCode !== null) throw new Error(`the daemon ended: ${log}`);
        const answer = await requestComponent('daemon', topologyOf(settings).daemon, { path: '/health' }).catch(() => undefined);
        return answer?.status === 200;
      };
      await eventually('the start of the daemon', healthy, 20_000);
    },
    killDaemon: () => end('SIGKILL'),
    stopDaemon: () => end('SIGTERM'),
    log: () => log,
  };
}
