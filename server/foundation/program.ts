import http, { type RequestListener } from 'node:http';
import { rmSync } from 'node:fs';
import { once } from 'node:events';
import { KosmosError, messageOf } from './errors.ts';
import { createLogger, type Logger } from './logging.ts';
import { readSettings, type Settings } from './settings.ts';
import { listenOptions, type Address } from './topology.ts';

export interface Program {
  readonly settings: Settings;
  readonly logger: Logger;
  /** Aborts on SIGTERM or SIGINT. */
  readonly stopping: AbortSignal;
}

/** How long a program may take to stop before it ends itself, in milliseconds. */
const LONGEST_STOP = 4_000;

/**
 * The frame of every process of ours: reads the settings, runs `main`, and exits with 0 after SIGTERM or SIGINT or with 1 and one
 * readable line on a start that fails. `main` returns what to do at the end.
 */
export async function runProgram(
  component: string,
  main: (program: Program) => Promise<() => Promise<void>>,
  loggerFor: (settings: Settings) => Logger = ({ logLevel }) => createLogger(component, logLevel),
): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  try {
    const settings = readSettings(process.env);
    const logger = loggerFor(settings);
    process.on('uncaughtException', (error) => {
      logger.fatal({ err: error }, 'ended by an error that nothing caught');
      process.exitCode = 1;
      stop.abort();
    });
    const close = await main({ settings, logger, stopping: stop.signal });
    if (!stop.signal.aborted) await once(stop.signal, 'abort');
    setTimeout(() => process.exit(1), LONGEST_STOP).unref();
    await close();
    process.exit();
  } catch (error) {
    const code = error instanceof KosmosError ? `${error.code}: ` : '';
    process.stderr.write(
      `${component}: ${code}${error instanceof KosmosError ? error.message : ((error as Error).stack ?? messageOf(error))}\n`,
    );
    process.exit(1);
  }
}

/** Listens on a socket left by a dead process too. Unix sockets get mode 0600 through the run folder, which is 0700. */
export async function listen(server: http.Server, address: Address): Promise<void> {
  if ('socketPath' in address) rmSync(address.socketPath, { force: true });
  server.listen(listenOptions(address));
  await Promise.race([once(server, 'listening'), once(server, 'error').then(([error]) => Promise.reject(error as Error))]);
}

/** Answers `GET /health` with 200 and JSON, everything else by `next` (404 without one). */
export function healthListener(health: () => object, next?: RequestListener): RequestListener {
  return (request, response) => {
    if (request.url !== '/health') {
      if (next) return next(request, response);
      response.writeHead(404, { 'content-type': 'application/json' });
      return response.end(JSON.stringify(new KosmosError('KOSMOS_ERR_NOT_FOUND')));
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ status: 'ok', ...health() }));
  };
}
