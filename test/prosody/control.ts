import { EventEmitter, once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { Appliance } from '../../server/components/component.ts';
import { equalSecrets } from '../../server/foundation/crypto.ts';
import { isKosmosError, KosmosError } from '../../server/foundation/errors.ts';
import { listen } from '../../server/foundation/program.ts';
import { loadSecret } from '../../server/foundation/secrets.ts';
import { findAccount } from '../../server/identity/accounts.ts';
import { Credentials } from '../../server/identity/credentials.ts';
import type { ScramHash } from '../../server/identity/scram.ts';
import { looksLikeToken, type Tokens } from '../../server/identity/tokens.ts';

interface Failure {
  readonly name: string;
  readonly address?: string;
}

/** control's internal API as far as Prosody asks it, with the classes that control has. */
export class ControlForProsody {
  #release: (() => void) | undefined;
  #holding: Promise<void> | undefined;
  readonly #events = new EventEmitter();
  readonly failures: Failure[] = [];
  /** Method and path of what was asked. */
  readonly requests: string[] = [];
  readonly #appliance: Appliance;
  readonly #tokens: Tokens;
  #credentials: Credentials;
  #server: http.Server | undefined;

  constructor(appliance: Appliance, tokens: Tokens) {
    this.#appliance = appliance;
    this.#tokens = tokens;
    this.#credentials = new Credentials(appliance.database);
  }

  async listen(): Promise<void> {
    this.#server = http.createServer((request, response) => void this.#answer(request, response));
    await listen(this.#server, this.#appliance.topology.controlForProsody);
  }

  async close(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => (this.#server ? this.#server.close(resolve) : resolve(undefined)));
  }

  /** Keeps back the next answer once it is made; resolves with the way to let it go. */
  async holdNextAnswer(): Promise<() => void> {
    const held = once(this.#events, 'held', { signal: AbortSignal.timeout(10_000) });
    this.#holding = new Promise((resolve) => (this.#release = resolve));
    await held;
    return () => this.#release?.();
  }

  async #held(): Promise<void> {
    const holding = this.#holding;
    this.#holding = undefined;
    this.#events.emit('held');
    await holding;
  }

  forgetFailures(): void {
    this.#credentials = new Credentials(this.#appliance.database);
    this.failures.length = 0;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests.push(`${request.method} ${request.url}`);
    const reply = (status: number, body?: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(body === undefined ? undefined : JSON.stringify(body));
    };
    try {
      const expected = `Bearer ${loadSecret(this.#appliance.settings.dataFolder, 'internal')}`;
      if (!equalSecrets(request.headers.authorization ?? '', expected)) throw new KosmosError('KOSMOS_ERR_INTERNAL_ONLY');
      const answer = await this.#route(new URL(request.url ?? '/', 'http://control'), await readJson(request));
      await this.#held();
      reply(answer === undefined ? 204 : 200, answer);
    } catch (error) {
      if (isKosmosError(error)) reply(error.status, error);
      else reply(500, { code: 'KOSMOS_ERR_INTERNAL', message: String(error) });
    }
  }

  async #route(url: URL, body: Record<string, string>): Promise<object | undefined> {
    const { name = '', password = '', address } = body;
    const scram = /^\/internal\/accounts\/([^/]+)\/scram$/.exec(url.pathname)?.[1];
    if (scram) return this.#credentials.getScramKeys(decodeURIComponent(scram), url.searchParams.get('hash') as ScramHash);
    if (url.pathname === '/internal/credentials/check') {
      if (!looksLikeToken(password)) return { name: (await this.#credentials.checkPassword(name, password, address)).name };
      const holder = await this.#tokens.check(password, 'prosody');
      const account = holder === name ? await findAccount(this.#appliance.database, holder) : undefined;
      if (!account) throw new KosmosError('KOSMOS_ERR_TOKEN_INVALID');
      if (account.disabledAt) throw new KosmosError('KOSMOS_ERR_ACCOUNT_DISABLED');
      return { name: holder };
    }
    if (url.pathname !== '/internal/credentials/failed') throw new KosmosError('KOSMOS_ERR_NOT_FOUND');
    this.failures.push({ name, address });
    this.#credentials.countFailure(name, address);
    return undefined;
  }
}

async function readJson(request: IncomingMessage): Promise<Record<string, string>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return chunks.length === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>);
}
