import type { ControlClient } from '../../foundation/control-client.ts';
import type { Database } from '../../database/database.ts';
import { getCaller } from '../caller.ts';
import type { DaemonHttp } from '../http.ts';
import { RequestLimit } from '../rate.ts';
import type { Previews } from './previews.ts';

const perAccount = { requests: 60, window: 60_000 };

/** `GET /previews?url=` with a session: `{preview}`, null where there is none. */
export function previewRoutes(app: DaemonHttp, parts: { database: Database; control: ControlClient; previews: Previews }): void {
  const limit = new RequestLimit(perAccount.requests, perAccount.window);
  app.get<{ Querystring: { url?: string } }>('/previews', async (request, reply) => {
    const { account } = await getCaller(request, parts.control);
    limit.take(account.id);
    void reply.header('cache-control', 'private, max-age=3600');
    return { preview: await parts.previews.find(String(request.query.url ?? '')) };
  });
}
