import type { DestinationStream } from 'pino';
import { KosmosError, messageOf } from '../foundation/errors.ts';
import { createLogger, type Logger } from '../foundation/logging.ts';
import type { Settings } from '../foundation/settings.ts';
import { ComponentLog } from '../supervisor/logs.ts';

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
  const log = openLog(settings.dataFolder);
  // A terminal that was closed takes no more lines; the appliance goes on.
  process.stdout.on('error', () => undefined);
  const terminal: DestinationStream = { write: (line) => void process.stdout.write(readable(JSON.parse(line) as LogEntry)) };
  return createLogger('control', settings.logLevel, {
    write: (line) => {
      log.write(line);
      terminal.write(line);
    },
  });
}

/** The first that is written in the data folder, so this is where one shows that cannot be used. Throws KOSMOS_ERR_SETTING. */
function openLog(dataFolder: string): ComponentLog {
  try {
    controlLog = new ComponentLog(dataFolder, 'control');
    return controlLog;
  } catch (error) {
    const reason = `the data folder cannot be written to (${messageOf(error)})`;
    throw new KosmosError('KOSMOS_ERR_SETTING', { variable: 'KOSMOS_DATA', reason }, { cause: error });
  }
}

let controlLog: ComponentLog | undefined;

/** control's own log, where it is kept in a file. */
export function findControlLog(): ComponentLog | undefined {
  return controlLog;
}

function readable({ level, time, msg = '', about = 'control', reason, err }: LogEntry): string {
  const why = reason ?? err?.message;
  const mark = level === 'info' || level === 'debug' ? '' : `${level}: `;
  return `${time.slice(11, 19)}  ${about.padEnd(8)}  ${mark}${msg}${why ? ` (${why})` : ''}\n`;
}
