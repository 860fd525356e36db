import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { pino, type DestinationStream } from 'pino';
import { KosmosError, messageOf } from '../foundation/errors.ts';
import { createLogger, type Logger } from '../foundation/logging.ts';
import type { Settings } from '../foundation/settings.ts';

interface LogEntry {
  level: string;
  time: string;
  msg?: string;
  about?: string;
  reason?: string;
  err?: { message?: string };
}

/**
 * control's own log: JSON on standard output where containers collect it, else JSON in `data/logs/control.log` and one readable line
 * per event on the terminal.
 */
export function createControlLogger(settings: Settings): Logger {
  if (settings.driver === 'docker') return createLogger('control', settings.logLevel);
  const file = openLogFile(settings.dataFolder);
  const json = pino.destination({ dest: file, append: true, sync: true });
  // A terminal that was closed takes no more lines; the appliance goes on.
  process.stdout.on('error', () => undefined);
  const terminal: DestinationStream = { write: (line) => void process.stdout.write(readable(JSON.parse(line) as LogEntry)) };
  return createLogger('control', settings.logLevel, {
    write: (line) => {
      json.write(line);
      terminal.write(line);
    },
  });
}

/** The first that is written in the data folder, so this is where one shows that cannot be used. Throws KOSMOS_ERR_SETTING. */
function openLogFile(dataFolder: string): string {
  const file = path.join(dataFolder, 'logs', 'control.log');
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    closeSync(openSync(file, 'a', 0o600));
    return file;
  } catch (error) {
    const reason = `the data folder cannot be written to (${messageOf(error)})`;
    throw new KosmosError('KOSMOS_ERR_SETTING', { variable: 'KOSMOS_DATA', reason }, { cause: error });
  }
}

function readable({ level, time, msg = '', about = 'control', reason, err }: LogEntry): string {
  const why = reason ?? err?.message;
  const mark = level === 'info' || level === 'debug' ? '' : `${level}: `;
  return `${time.slice(11, 19)}  ${about.padEnd(8)}  ${mark}${msg}${why ? ` (${why})` : ''}\n`;
}
