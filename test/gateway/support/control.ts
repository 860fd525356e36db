import http from 'node:http';
import { mkdirSync } from 'node:fs';
import { KosmosError } from '../../../server/foundation/errors.ts';
import { equalSecrets } from '../../../server/foundation/crypto.ts';
import { listen } from '../../../server/foundation/program.ts';
import { loadKey, loadSecret } from '../../../server/foundation/secrets.ts';
import type { Settings } from '../../../server/foundation/settings.ts';
import { topologyOf } from '../../../server/foundation/topology.ts';
import { dialectOf, openDatabase, type Database } from '../../../server/database/database.ts';
import { Outbox } from '../../../server/database/events.ts';
import { migrate } from '../../../server/database/migrate.ts';
import { migrations } from '../../../server/database/migrations/all.ts';
import { ensureBot, findAccount, type Account } from '../../../server/identity/accounts.ts';
import { createSession, findSession } from '../../../server/identity/sessions.ts';
import { Tokens, type Audience } from '../../../server/identity/tokens.ts';

/** Control's internal routes that the gateway asks for, on the real identity and a real database, without all the rest of control. */
export class ControlForTests {
  readonly database: Database;
  readonly outbox: Outbox;
  readonly domain: string;
  readonly #secret: string;
  readonly #tokens: Tokens;
  readonly #server: http.Server;
  readonly #forProsody: http.Server;

  static async start(settings: Settings, domain: string): Promise<ControlForTests> {
    mkdirSync(topologyOf(settings).runFolder, { recursive: true, mode: 0o700 });
    const database = openDatabase(settings);
    await migrate(database, dialectOf(settings), migrations);
    const control = new ControlForTests(settings, database, domain);
    await listen(control.#server, topologyOf(settings).control);
    await listen(control.#forProsody, topologyOf(settings).controlForProsody);
    return control;
  }

  private constructor(settings: Settings, database: Database, domain: string) {
    this.database = database;
    this.domain = domain;
    this.outbox = new Outbox(database, dialectOf(settings));
    this.#secret = loadSecret(settings.dataFolder, 'internal');
    this.#tokens = new Tokens(loadKey(settings.dataFolder, 'jwt'));
    this.#server = http.createServer((request, response) => void this.#answer(request, response));
    this.#forProsody = http.createServer((request, response) => void this.#answer(request, response));
  }

  /** An account without a password, and the token of a session of it. */
  async logIn(name: string): Promise<{ account: Account; token: string; sessionId: string }> {
    const account = await this.outbox.change((change) => ensureBot(change, name));
    const { token, session } = await createSession(this.database, account, { kind: 'program' });
    return { account, token, sessionId: session.id };
  }

  async mint(name: string, audience: Audience): Promise<string> {
    return (await this.#tokens.mint(name, audience)).token;
  }

  async stop(): Promise<void> {
    for (const server of [this.#server, this.#forProsody]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    await this.database.destroy();
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const given = request.headers.authorization?.replace('Bearer ', '') ?? '';
    try {
      if (!equalSecrets(given, this.#secret)) throw new KosmosError('KOSMOS_ERR_INTERNAL_ONLY');
      const path = request.url ?? '';
      if (path.startsWith('/internal/events'))
        return this.#follow(Number(new URL(path, 'http://control').searchParams.get('after')), response);
      const body = JSON.parse((await text(request)) || '{}') as Record<string, string>;
      const answer = JSON.stringify(await this.#route(path, body));
      response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
    } catch (error) {
      const coded = error instanceof KosmosError ? error : new KosmosError('KOSMOS_ERR_INTERNAL', { requestId: String(error) });
      response.writeHead(coded.status, { 'content-type': 'application/json' }).end(JSON.stringify(coded));
    }
  }

  async #route(path: string, body: Record<string, string>): Promise<object> {
    if (path === '/internal/appliance') return { domain: this.domain, roomsDomain: `rooms.${this.domain}` };
    if (path === '/internal/sessions/check') {
      const found = await findSession(this.database, body['token'] ?? '');
      if (!found) throw new KosmosError('KOSMOS_ERR_UNAUTHENTICATED');
      const { account, session } = found;
      return { account: { id: account.id, name: account.name, isAdmin: account.isAdmin }, session };
    }
    if (path === '/internal/events/wake') return (this.outbox.wake(), {});
    if (path === '/internal/credentials/check') return { name: await this.#tokens.check(body['password'] ?? '', 'prosody') };
    if (path !== '/internal/tokens') throw new KosmosError('KOSMOS_ERR_NOT_FOUND');
    const account = await findAccount(this.database, body['name'] ?? '');
    if (!account || account.disabledAt) throw new KosmosError('KOSMOS_ERR_ACCOUNT_DISABLED');
    return this.#tokens.mint(account.name, body['audience'] as Audience);
  }

  #follow(after: number, response: http.ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(': hello\n\n');
    let cursor = after;
    let busy = Promise.resolve();
    const send = async (): Promise<void> => {
      for (const event of await this.outbox.findAfter(cursor)) {
        response.write(`id: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`);
        cursor = event.id;
      }
    };
    const next = (): void => void (busy = busy.then(send));
    response.on('close', this.outbox.onCommit(next));
    next();
  }
}

async function text(request: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
