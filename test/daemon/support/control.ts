import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { isKosmosError, KosmosError } from '../../../server/foundation/errors.ts';
import { listen } from '../../../server/foundation/program.ts';
import { loadKey, loadSecret } from '../../../server/foundation/secrets.ts';
import type { Settings } from '../../../server/foundation/settings.ts';
import { topologyOf } from '../../../server/foundation/topology.ts';
import type { Outbox } from '../../../server/database/events.ts';
import { getAccount } from '../../../server/identity/accounts.ts';
import { findSession } from '../../../server/identity/sessions.ts';
import { Tokens, type Audience } from '../../../server/identity/tokens.ts';

/** The internal routes that the daemon asks, on the appliance's own classes. */
export async function startControl(settings: Settings, outbox: Outbox): Promise<{ tokens: Tokens; stop(): Promise<void> }> {
  const tokens = new Tokens(loadKey(settings.dataFolder, 'jwt'));
  const secret = `Bearer ${loadSecret(settings.dataFolder, 'internal')}`;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.headers.authorization !== secret) throw new KosmosError('KOSMOS_ERR_INTERNAL_ONLY');
    if (request.url?.startsWith('/internal/events')) return streamEvents(request, response, outbox);
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks).toString() || '{}') as Record<string, string>;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(await answerTo(request.url ?? '', body, outbox, tokens)));
  };
  const server = http.createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      const coded = isKosmosError(error) ? error : new KosmosError('KOSMOS_ERR_INTERNAL', { requestId: String(error) });
      response.writeHead(coded.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(coded));
    });
  });
  await listen(server, topologyOf(settings).control);
  return {
    tokens,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answerTo(url: string, body: Record<string, string>, outbox: Outbox, tokens: Tokens): Promise<object> {
  const { database } = outbox;
  if (url === '/internal/tokens') {
    const account = await getAccount(database, body.name ?? '');
    if (account.disabledAt) throw new KosmosError('KOSMOS_ERR_ACCOUNT_DISABLED');
    return tokens.mint(account.name, body.audience as Audience);
  }
  if (url === '/internal/sessions/check') {
    const found = await findSession(database, body.token ?? '');
    if (!found) throw new KosmosError('KOSMOS_ERR_UNAUTHENTICATED');
    const { account, session } = found;
    const { id, name, isAdmin } = account;
    return { account: { id, name, isAdmin }, session: { id: session.id, expiresAt: session.expiresAt } };
  }
  throw new KosmosError('KOSMOS_ERR_NOT_FOUND');
}

async function streamEvents(request: IncomingMessage, response: ServerResponse, outbox: Outbox): Promise<void> {
  let cursor = Number(new URL(request.url ?? '', 'http://control').searchParams.get('after') ?? 0);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  let work = Promise.resolve();
  const send = (): void => {
    work = work.then(async () => {
      for (const event of await outbox.findAfter(cursor)) {
        response.write(`id: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`);
        cursor = event.id;
      }
    });
  };
  const stop = outbox.onCommit(send);
  response.on('close', stop);
  send();
}
