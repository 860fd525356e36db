import http from 'node:http';
import { KosmosError, messageOf } from '../../foundation/errors.ts';
import type { LogLine } from '../logs.ts';
import type { ProcessUsage } from '../proc.ts';

/** What the engine says of a container. */
export interface Container {
  /** `created`: it was made and never ran. */
  readonly isFresh: boolean;
  readonly isRunning: boolean;
  /** The engine is about to start it again. */
  readonly isRestarting: boolean;
  readonly exitCode: number;
  /** Tells one life of it from the next. */
  readonly startedAt: string;
  /** The process number on the machine, as the engine sees it. */
  readonly pid: number;
}

interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

const LIMIT = 10_000;
/** Stopping waits for the program: the engine kills it after this many seconds. */
const STOP_GRACE = 8;
const STOP_LIMIT = 30_000;
const LARGEST_ANSWER = 8 * 1024 * 1024;

/**
 * The containers of this project, through the proxy in front of the engine (deploy/containers/docker-proxy.cfg), which knows which
 * container belongs to which name. Every method throws KOSMOS_ERR_CONTAINERS_OFF if no proxy answers.
 */
export class DockerDriver {
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** Undefined if there is no such container. */
  async find(name: string): Promise<Container | undefined> {
    const { status, body } = await this.#ask(name, 'GET', 'json');
    if (status !== 200) return undefined;
    const { State: state } = JSON.parse(body.toString()) as { State: EngineState };
    return {
      isFresh: state.Status === 'created',
      ...{ isRunning: state.Running && !state.Restarting, isRestarting: state.Restarting, exitCode: state.ExitCode },
      ...{ startedAt: state.StartedAt, pid: state.Pid },
    };
  }

  async act(name: string, action: 'start' | 'stop' | 'restart'): Promise<void> {
    const query = action === 'start' ? '' : `?t=${STOP_GRACE}`;
    const { status, body } = await this.#ask(name, 'POST', `${action}${query}`, STOP_LIMIT);
    // 304: it was so already.
    if (status !== 204 && status !== 304) {
      throw new KosmosError('KOSMOS_ERR_COMPONENT_ACTION', { component: name, action, reason: engineReason(body) });
    }
  }

  /** What it printed after that time, oldest first: the last 2,000 lines at most. */
  async linesSince(name: string, time: string): Promise<LogLine[]> {
    // The engine counts by the second and its part, and would repeat the line of that very moment.
    const since = Math.floor(Date.parse(time) / 1000);
    const { status, body } = await this.#ask(name, 'GET', `logs?stdout=1&stderr=1&timestamps=1&tail=2000&since=${since}`);
    return status === 200 ? parseLog(body).filter(({ at }) => at > time) : [];
  }

  /** Memory without the page cache that could be dropped; undefined if it does not run. */
  async findUsage(name: string): Promise<ProcessUsage | undefined> {
    const { status, body } = await this.#ask(name, 'GET', 'stats?stream=false&one-shot=true');
    if (status !== 200) return undefined;
    const stats = JSON.parse(body.toString()) as EngineStats;
    const { usage, stats: parts } = stats.memory_stats;
    if (usage === undefined) return undefined;
    const cached = parts?.inactive_file ?? parts?.total_inactive_file ?? 0;
    return { memory: Math.max(usage - cached, 0), cpuSeconds: stats.cpu_stats.cpu_usage.total_usage / 1e9 };
  }

  #ask(name: string, method: 'GET' | 'POST', request: string, limit = LIMIT): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void =>
        reject(new KosmosError('KOSMOS_ERR_CONTAINERS_OFF', { component: name, reason: messageOf(error) }));
      const options = { socketPath: this.#socketPath, method, path: `/${name}/${request}`, headers: { host: 'docker' } };
      const outgoing = http.request({ ...options, signal: AbortSignal.timeout(limit) });
      outgoing.on('error', fail);
      outgoing.on('response', (incoming) => {
        // The proxy's own words: the engine behind it does not answer.
        if (incoming.statusCode === 503) return fail(new Error('the container engine does not answer'));
        collect(incoming).then((body) => resolve({ status: incoming.statusCode ?? 0, body }), fail);
      });
      outgoing.end();
    });
  }
}

interface EngineState {
  Status: string;
  Running: boolean;
  Restarting: boolean;
  ExitCode: number;
  StartedAt: string;
  Pid: number;
}

interface EngineStats {
  /** The two names of one thing are those of cgroup v2 and v1. */
  memory_stats: { usage?: number; stats?: { inactive_file?: number; total_inactive_file?: number } };
  cpu_stats: { cpu_usage: { total_usage: number } };
}

async function collect(incoming: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LARGEST_ANSWER) throw new Error('the answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Frames of eight bytes of head (stream, length) and a payload; each line begins with its time. */
export function parseLog(body: Buffer): LogLine[] {
  const text: string[] = [];
  for (let at = 0; at + 8 <= body.length;) {
    const length = body.readUInt32BE(at + 4);
    text.push(body.toString('utf8', at + 8, at + 8 + length));
    at += 8 + length;
  }
  const lines = text.join('').split('\n');
  return lines.flatMap((line) => {
    const space = line.indexOf(' ');
    return space > 0 ? [{ at: line.slice(0, space), text: line.slice(space + 1).trimEnd() }] : [];
  });
}

function engineReason(body: Buffer): string {
  try {
    return (JSON.parse(body.toString()) as { message: string }).message;
  } catch {
    return 'the proxy in front of the container engine refused it';
  }
}
