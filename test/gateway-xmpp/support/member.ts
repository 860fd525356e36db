import { pino } from 'pino';
import { KosmosError } from '../../../server/foundation/errors.ts';
import type { TcpAddress } from '../../../server/foundation/topology.ts';
import type {
  Activity,
  ActivityObject,
  ConnectionState,
  Platform,
  PlatformSession,
  Progress,
  SessionContext,
} from '../../../server/gateway/platforms/platform.ts';
import { createXmpp } from '../../../server/gateway/platforms/xmpp/platform.ts';
import { DOMAIN, PASSWORD, ROOMS, type Prosody } from './prosody.ts';

const PATIENCE = 15_000;

export type Pattern = { readonly [Key in keyof Activity]?: unknown };

interface MemberOptions {
  readonly resource?: string;
  /** Over TCP with STARTTLS and a password, as to somebody else's server. */
  readonly isOutside?: boolean;
  readonly platform?: Platform;
  readonly credentials?: Record<string, unknown>;
  readonly resolve?: (host: string, port: number) => Promise<TcpAddress>;
  readonly mintToken?: () => Promise<string>;
  /** Where an earlier session had got to. */
  readonly progress?: Progress;
}

/** A member with a session of the platform, driven as the gateway drives it. */
export class Member {
  readonly name: string;
  readonly jid: string;
  readonly session: PlatformSession;
  readonly states: { state: ConnectionState; reason: string | undefined }[] = [];
  /** Everything pushed and not yet heard. */
  readonly inbox: Activity[] = [];
  readonly #closing = new AbortController();
  readonly #listeners = new Set<() => void>();

  constructor(prosody: Prosody, name: string, options: MemberOptions = {}) {
    this.name = name;
    this.jid = `${name}@${DOMAIN}`;
    const isOutside = options.isOutside ?? false;
    const port = isOutside ? prosody.clientPort : prosody.httpPort;
    const platform = options.platform ?? createXmpp(isOutside ? { ca: prosody.certificate } : {});
    this.session = platform.open({
      account: name,
      actor: { type: 'person', id: this.jid, name },
      credentials: {
        type: 'credentials',
        userAddress: this.jid,
        ...(options.resource === undefined ? {} : { resource: options.resource }),
        ...(isOutside ? { password: PASSWORD } : {}),
        ...options.credentials,
      },
      isTeamServer: !isOutside,
      progress: options.progress ?? {},
      closing: this.#closing.signal,
      logger: pino({ level: process.env['TEST_LOG'] ?? 'silent' }),
      mintToken: options.mintToken ?? (() => Promise.resolve(PASSWORD)),
      resolve: options.resolve ?? (() => Promise.resolve({ host: '127.0.0.1', port })),
      push: (activity) => this.#take(() => this.inbox.push(activity)),
      report: (state, reason) => this.#take(() => this.states.push({ state, reason })),
    } satisfies SessionContext);
  }

  #take(note: () => void): void {
    note();
    for (const listener of [...this.#listeners]) listener();
  }

  does(type: string, target?: ActivityObject | string, object?: Record<string, unknown>): Promise<Activity | undefined> {
    const to = typeof target === 'string' ? targetOf(target) : target;
    return this.session.handle({
      type,
      actor: { type: 'person', id: this.jid, name: this.name },
      ...(to === undefined ? {} : { target: to }),
      ...(object === undefined ? {} : { object: object as ActivityObject }),
    });
  }

  async connects(): Promise<Activity> {
    return (await this.does('connect')) as Activity;
  }

  async joins(room: string): Promise<ActivityObject> {
    return ((await this.does('join', room)) as Activity).object as ActivityObject;
  }

  /** Sends a text; resolves with the acknowledged message. */
  async says(to: string, content: string, more: Record<string, unknown> = {}): Promise<ActivityObject> {
    return ((await this.does('send', to, { type: 'message', content, ...more })) as Activity).object as ActivityObject;
  }

  async asks(object: Record<string, unknown>, target?: string): Promise<ActivityObject> {
    return ((await this.does('query', target, object)) as Activity).object as ActivityObject;
  }

  /** Waits for the first unheard activity that matches, and takes it out of the inbox. */
  hears(pattern: Pattern, patience = PATIENCE): Promise<Activity> {
    return this.#until(
      () => {
        const index = this.inbox.findIndex((activity) => matches(activity, pattern));
        return index === -1 ? undefined : this.inbox.splice(index, 1)[0];
      },
      patience,
      () => `${this.name} did not hear ${JSON.stringify(pattern)}, but ${JSON.stringify(this.inbox.slice(-20))}`,
    );
  }

  /** Waits until the connection was reported so, counting from `from` reports on. */
  async is(state: ConnectionState, from = 0): Promise<string | undefined> {
    const found = await this.#until(
      () => this.states.slice(from).find((report) => report.state === state),
      PATIENCE,
      () => `${this.name} never was ${state}: ${JSON.stringify(this.states)}`,
    );
    return found.reason;
  }

  /** The texts heard and not yet taken, in order. */
  texts(): readonly unknown[] {
    return this.inbox.filter(({ type }) => type === 'send').map(({ object }) => object?.['content']);
  }

  async goes(): Promise<void> {
    await this.session.close();
    this.#closing.abort();
  }

  #until<T>(look: () => T | undefined, patience: number, complaint: () => string): Promise<T> {
    const caller = new Error();
    return new Promise((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#listeners.delete(check);
      };
      const check = (): void => {
        const found = look();
        if (found === undefined) return;
        done();
        resolve(found);
      };
      const timer = setTimeout(() => {
        done();
        caller.message = complaint();
        reject(caller);
      }, patience);
      this.#listeners.add(check);
      check();
    });
  }
}

/** `#general` is a room, anything else an address. */
export function targetOf(name: string): ActivityObject {
  if (!name.startsWith('#')) return { type: 'person', id: name.includes('@') ? name : `${name}@${DOMAIN}` };
  return { type: 'room', id: `${name.slice(1)}@${ROOMS}`, name: name.slice(1) };
}

/** Whether the value has everything that the pattern names. */
function matches(value: unknown, pattern: unknown): boolean {
  if (typeof pattern !== 'object' || pattern === null) return value === pattern;
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(pattern).every(([key, part]) => matches((value as Record<string, unknown>)[key], part));
}

/** The code of the error that a promise rejects with. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof KosmosError ? error.code : `no coded error: ${String(error)}`;
}
