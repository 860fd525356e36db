import type { ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { Outbox } from '../../database/events.ts';
import type { App } from '../app-type.ts';
import type { Services } from '../services.ts';
import { eventsSchema } from './schema.ts';

/** A comment line this often tells a follower that the stream lives, and us that the follower does. */
const HEARTBEAT = 15_000;

/**
 * `GET /internal/events`: server-sent events (WHATWG HTML, 9.2), oldest first, then as they are committed; a commit of another process
 * counts once it says so (`POST /internal/events/wake`).
 */
export function eventRoutes(app: App, { outbox }: Services): void {
  app.post('/internal/events/wake', async (_, reply) => {
    outbox.wake();
    return reply.code(204).send();
  });

  app.get('/internal/events', { schema: eventsSchema }, async (request, reply) => {
    const cursor = request.query.after ?? (await outbox.findLatest());
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    reply.raw.flushHeaders();
    await stream(outbox, cursor, reply.raw).catch((error: unknown) => {
      request.log.warn({ err: error }, 'event stream broke off');
      reply.raw.destroy();
    });
  });
}

async function stream(outbox: Outbox, after: number, response: ServerResponse): Promise<void> {
  let cursor = after;
  let wake: () => void = () => undefined;
  const stopListening = outbox.onCommit(() => wake());
  const heartbeat = setInterval(() => response.write(': alive\n\n'), HEARTBEAT);
  response.on('close', () => wake());
  try {
    while (!response.destroyed && !response.writableEnded) {
      const woken = new Promise<void>((resolve) => (wake = resolve));
      const events = await outbox.findAfter(cursor);
      for (const event of events) {
        cursor = event.id;
        const flowing = response.write(`id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
        if (!flowing && !response.destroyed) await Promise.race([once(response, 'drain'), once(response, 'close')]);
      }
      if (events.length === 0) await woken;
    }
  } finally {
    clearInterval(heartbeat);
    stopListening();
  }
}
