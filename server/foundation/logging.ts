import { pino, type DestinationStream, type Logger } from 'pino';
import type { LogLevel } from './settings.ts';

export type { Logger };

/** Field names whose values never reach a log, at the top of a line or one level down. */
const secretFields = ['password', 'token', 'secret', 'authorization', 'cookie', 'passphrase', 'credentials'];

/** One JSON line per event, on standard output unless `destination` says otherwise, named after the component that writes it. */
export function createLogger(component: string, level: LogLevel, destination: DestinationStream = pino.destination(1)): Logger {
  const options = {
    level,
    base: { component },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: '[redacted]' },
  };
  return pino(options, destination);
}
