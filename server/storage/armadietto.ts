import Armadietto from 'armadietto';
import logging from 'armadietto/lib/logger.js';

export interface StoredItem {
  ETag: string;
  'Content-Type'?: string;
  /** Of a folder. */
  items?: Record<string, unknown>;
}

/** What Armadietto asks of a store, as far as ours looks at the arguments: path, conditions and body it knows already. */
export interface ArmadiettoStore {
  /** By folder, such as `/notes/`: `r` and `w`. */
  permissions(): Promise<Record<string, string[]>>;
  get(name: string, path: string, version: string | null, head: boolean): Promise<{ item: StoredItem | null; versionMatch?: boolean }>;
  put(name: string, path: string, type: string): Promise<{ created?: boolean; modified?: string; conflict?: boolean; isDir?: boolean }>;
  delete(): Promise<{ deleted: boolean; modified?: string; conflict?: boolean }>;
}

export interface ArmadiettoRequest {
  readonly method: string;
  /** `/storage/<name>/<path>` as `canonicalPath` spells it. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

export interface ArmadiettoAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Record<string, string | number>;
  /** Empty for documents, which the store's caller sends itself, as it does descriptions of folders that have items. */
  readonly body: Buffer;
}

// COMPAT: Armadietto 0.6.6 crashes on its first request if its logger was never configured. It would also end the process on any
// uncaught error and write the query of each URL into the log: our own listener logs requests instead.
const logger = logging.configureLogger({ stdout: ['emerg'] });
logger.exceptions.unhandle();
logger.rejections.unhandle();
logger.silent = true;

/**
 * Lets Armadietto decide about one request: verbs, scopes, statuses, headers, CORS. It is given stand-ins for request and
 * response, since it would otherwise hold every body in memory, read bodies before it looks at tokens, and know neither ranges nor
 * If-Match beside If-None-Match: bodies go between our listener and `store` past it. A store of its own for each request carries the
 * request's context; making an instance costs microseconds.
 */
export function askArmadietto(request: ArmadiettoRequest, store: ArmadiettoStore): Promise<ArmadiettoAnswer> {
  const handle = new Armadietto({ bare: true, store, basePath: '', http: { host: 'localhost' } });
  return new Promise((resolve) => handle(new RequestStandIn(request), new ResponseStandIn(resolve)));
}

/** A request whose body has no bytes and has ended. */
class RequestStandIn {
  readonly method: string;
  readonly url: string;
  readonly headers: ArmadiettoRequest['headers'];
  /** Armadietto logs it; a property that is not there would make it look for a socket. */
  readonly ip = '-';

  constructor({ method, path, headers }: ArmadiettoRequest) {
    this.method = method;
    this.url = path;
    this.headers = headers;
  }

  on(event: string, listener: () => void): this {
    if (event === 'end') queueMicrotask(listener);
    return this;
  }
}

/** Collects the answer. */
class ResponseStandIn {
  readonly #resolve: (answer: ArmadiettoAnswer) => void;
  readonly #body: Buffer[] = [];
  #status = 500;
  #headers: ArmadiettoAnswer['headers'] = {};

  constructor(resolve: (answer: ArmadiettoAnswer) => void) {
    this.#resolve = resolve;
  }

  writeHead(status: number, headers: ArmadiettoAnswer['headers'] = {}): this {
    this.#status = status;
    this.#headers = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    return this;
  }

  write(chunk: unknown): boolean {
    if (Buffer.isBuffer(chunk)) this.#body.push(chunk);
    return true;
  }

  end(chunk?: unknown): void {
    this.write(chunk);
    this.#resolve({ status: this.#status, headers: this.#headers, body: Buffer.concat(this.#body) });
  }
}
