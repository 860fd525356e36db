import http from 'node:http';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { equalSecrets } from '../../../server/foundation/crypto.ts';
import { isKosmosError, KosmosError } from '../../../server/foundation/errors.ts';
import { listen } from '../../../server/foundation/program.ts';
import { loadSecret } from '../../../server/foundation/secrets.ts';
import type { Settings } from '../../../server/foundation/settings.ts';
import { topologyOf } from '../../../server/foundation/topology.ts';
import type { Outbox } from '../../../server/database/events.ts';
import { Credentials } from '../../../server/identity/credentials.ts';
import { findSession } from '../../../server/identity/sessions.ts';

interface Question {
  name: string;
  password: string;
  address?: string;
  token: string;
}

/** The internal routes that storage asks, over the real identity classes on the real database. */
export async function startControl(settings: Settings, outbox: Outbox): Promise<http.Server> {
  const credentials = new Credentials(outbox.database);
  const secret = loadSecret(settings.dataFolder, 'internal');
  const answer = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<unknown> => {
    if (!equalSecrets(request.headers.authorization ?? '', `Bearer ${secret}`)) throw new KosmosError('KOSMOS_ERR_INTERNAL_ONLY');
    const url = new URL(request.url ?? '', 'http://control');
    if (url.pathname === '/internal/events') return streamEvents(outbox, Number(url.searchParams.get('after')), response);
    const asked = await readJson(request);
    if (url.pathname === '/internal/credentials/check') {
      return { name: (await credentials.checkPassword(asked.name, asked.password, asked.address)).name };
    }
    if (url.pathname !== '/internal/sessions/check') throw new KosmosError('KOSMOS_ERR_NOT_FOUND');
    const found = await findSession(outbox.database, asked.token);
    if (!found) throw new KosmosError('KOSMOS_ERR_UNAUTHENTICATED');
    return found;
  };
  const server = http.createServer((request, response) => {
    answer(request, response).then(
      (body) => body !== undefined && response.end(JSON.stringify(body)),
      (error: unknown) => {
        const coded = isKosmosError(error) ? error : new KosmosError('KOSMOS_ERR_INTERNAL', { requestId: 'test' });
        response.writeHead(coded.status).end(JSON.stringify(coded));
      },
    );
  });
  const address = topologyOf(settings).control;
  if ('socketPath' in address) mkdirSync(path.dirname(address.socketPath), { recursive: true, mode: 0o700 });
  await listen(server, address);
  return server;
}

function streamEvents(outbox: Outbox, after: number, response: http.ServerResponse): undefined {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  let cursor = after;
  let turn = Promise.resolve();
  const send = (): void => {
    turn = turn.then(async () => {
      for (const event of await outbox.findAfter(cursor)) {
        response.write(`id: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`);
        cursor = event.id;
      }
    });
  };
  response.on('close', outbox.onCommit(send));
  send();
}

async function readJson(request: http.IncomingMessage): Promise<Question> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString()) as Question;
}
