import http from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { KosmosError, type ErrorCode, type ErrorDetails } from './errors.ts';
import { catalogue } from './error-catalogue.ts';
import type { ApplianceEvent } from './events.ts';
import { requestComponent, type InternalRequest } from './http-client.ts';
import type { Logger } from './logging.ts';
import { loadSecret } from './secrets.ts';
import type { Settings } from './settings.ts';
import { topologyOf, type Address } from './topology.ts';

const FIRST_RETRY = 250;
const LONGEST_RETRY = 5_000;

/** What the gateway, storage and daemon ask of control (`/internal/*`, see docs/develop/internal-api.md). */
export class ControlClient {
  readonly #address: Address;
  readonly #secret: string;

  constructor(settings: Settings) {
    this.#address = topologyOf(settings).control;
    this.#secret = loadSecret(settings.dataFolder, 'internal');
  }

  /** The JSON that control answers. Throws the coded error that control names, or KOSMOS_ERR_COMPONENT_UNREACHABLE. */
  async request<T>(request: InternalRequest): Promise<T> {
    const answer = await requestComponent('control', this.#address, {
      ...request,
      headers: { ...request.headers, authorization: `Bearer ${this.#secret}` },
    });
    if (answer.status >= 400) throw codedError(answer.body);
    return (answer.body === '' ? undefined : JSON.parse(answer.body)) as T;
  }

  /**
   * Follows control's events, oldest first, each at least once, from after `cursor` until `signal` aborts.
   * Reconnects by itself. `handle` is awaited before the next event; if it throws, the event comes again.
   */
  async follow(
    cursor: number,
    handle: (event: ApplianceEvent) => Promise<void> | void,
    signal: AbortSignal,
    logger: Logger,
  ): Promise<void> {
    let last = cursor;
    let delay = FIRST_RETRY;
    while (!signal.aborted) {
      try {
        for await (const event of this.#stream(last, signal)) {
          await handle(event);
          last = event.id;
          delay = FIRST_RETRY;
        }
      } catch (error) {
        if (signal.aborted) return;
        logger.debug({ err: error, cursor: last }, 'event stream interrupted');
      }
      await wait(delay, undefined, { signal }).catch(() => undefined);
      delay = Math.min(delay * 2, LONGEST_RETRY);
    }
  }

  async *#stream(after: number, signal: AbortSignal): AsyncGenerator<ApplianceEvent> {
    const incoming = await this.#open(`/internal/events?after=${after}`, signal);
    incoming.setEncoding('utf8');
    let buffer = '';
    for await (const chunk of incoming as AsyncIterable<string>) {
      const lines = (buffer + chunk).split('\n');
      buffer = lines.pop() ?? '';
      for (const line of lines) {
        if (line.startsWith('data: ')) yield JSON.parse(line.slice('data: '.length)) as ApplianceEvent;
      }
    }
  }

  #open(path: string, signal: AbortSignal): Promise<http.IncomingMessage> {
    const headers = { authorization: `Bearer ${this.#secret}`, accept: 'text/event-stream' };
    return new Promise((resolve, reject) => {
      const outgoing = http.get({ ...this.#address, path, headers, signal });
      outgoing.on('error', reject);
      outgoing.on('response', (incoming) => {
        if (incoming.statusCode === 200) resolve(incoming);
        else reject(new Error(`control answered ${incoming.statusCode} to ${path}`));
      });
    });
  }
}

function codedError(body: string): KosmosError {
  const { code, details } = parseError(body);
  const known = code !== undefined && code in catalogue;
  return known ? new KosmosError(code as ErrorCode, details) : new KosmosError('KOSMOS_ERR_INTERNAL', { requestId: 'control' });
}

/** Something between us and control may answer in its place, and not in JSON. */
function parseError(body: string): { code?: string; details?: ErrorDetails } {
  try {
    return (JSON.parse(body) ?? {}) as { code?: string; details?: ErrorDetails };
  } catch {
    return {};
  }
}
