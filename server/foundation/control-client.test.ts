import http, { type ServerResponse } from 'node:http';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ControlClient } from './control-client.ts';
import type { ApplianceEvent } from './events.ts';
import { createLogger } from './logging.ts';
import { listen } from './program.ts';
import { loadSecret } from './secrets.ts';
import { readSettings, type Settings } from './settings.ts';
import { topologyOf } from './topology.ts';

interface Asked {
  readonly path: string;
  readonly authorization: string;
  readonly body: string;
}

const logger = createLogger('test', 'silent');
let folder: string;
let settings: Settings;
let server: http.Server | undefined;
let asked: Asked[];
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'kosmos-client-'));
  settings = readSettings({ KOSMOS_DATA: folder });
  mkdirSync(topologyOf(settings).runFolder, { recursive: true });
  asked = [];
});
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** control's part of the conversation, on its real socket: an answer per request, in order; the last one answers the rest too. */
async function answering(...answers: ((response: ServerResponse) => void)[]): Promise<void> {
  server = http.createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      asked.push({ path: request.url ?? '', authorization: request.headers.authorization ?? '', body });
      answers[Math.min(asked.length, answers.length) - 1]?.(response);
    });
  });
  await listen(server, topologyOf(settings).control);
}

const json =
  (status: number, body: unknown) =>
  (response: ServerResponse): void =>
    void response.writeHead(status).end(body === undefined ? '' : JSON.stringify(body));

const event = (id: number): string => `id: ${id}\nevent: team-changed\ndata: {"id":${id},"type":"team-changed","team":"straße"}\n\n`;
const sends =
  (text: string, end: (response: ServerResponse) => void = () => undefined) =>
  (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(text, () => end(response));
  };
const ends = (response: ServerResponse): void => void response.end();
const breaks = (response: ServerResponse): void => void response.destroy();

/** Follows until `count` events were dealt with; `handle` may throw. */
async function follow(after: number, count: number, handle: (event: ApplianceEvent) => void = () => undefined): Promise<number[]> {
  const stop = new AbortController();
  const dealtWith: number[] = [];
  await new ControlClient(settings).follow(
    after,
    (event) => {
      handle(event);
      dealtWith.push(event.id);
      if (dealtWith.length === count) stop.abort();
    },
    AbortSignal.any([stop.signal, AbortSignal.timeout(15_000)]),
    logger,
  );
  return dealtWith;
}

it('asks with the internal secret and gives back what control answers', async () => {
  await answering(json(200, { name: 'ada' }), json(204, undefined));
  const client = new ControlClient(settings);
  expect(await client.request({ path: '/internal/accounts/ada' })).toEqual({ name: 'ada' });
  expect(await client.request({ method: 'POST', path: '/internal/credentials/failed', body: { name: 'ada' } })).toBeUndefined();
  expect(asked.map(({ path }) => path)).toEqual(['/internal/accounts/ada', '/internal/credentials/failed']);
  expect(asked[1]!.body).toBe('{"name":"ada"}');
  for (const { authorization } of asked) expect(authorization).toBe(`Bearer ${loadSecret(folder, 'internal')}`);
});

it('throws the coded error that control names', async () => {
  await answering(
    json(404, { code: 'KOSMOS_ERR_ACCOUNT_NOT_FOUND', message: 'x', details: { name: 'eve' } }),
    json(500, { code: 'KOSMOS_ERR_OF_A_LATER_VERSION' }),
    (response) => void response.writeHead(502).end('<html>Bad Gateway</html>'),
  );
  const client = new ControlClient(settings);
  await expect(client.request({ path: '/' })).rejects.toMatchObject({ code: 'KOSMOS_ERR_ACCOUNT_NOT_FOUND', details: { name: 'eve' } });
  await expect(client.request({ path: '/' })).rejects.toMatchObject({ code: 'KOSMOS_ERR_INTERNAL' });
  await expect(client.request({ path: '/' })).rejects.toMatchObject({ code: 'KOSMOS_ERR_INTERNAL' });
});

it('says so when control does not answer', async () => {
  const client = new ControlClient(settings);
  const unreachable = { code: 'KOSMOS_ERR_COMPONENT_UNREACHABLE', details: { component: 'control' } };
  await expect(client.request({ path: '/' })).rejects.toMatchObject(unreachable);
  await answering(() => undefined);
  await expect(client.request({ path: '/', timeout: 50 })).rejects.toMatchObject({ details: { reason: 'it took too long' } });
});

it('takes events in their order, however the stream is cut into pieces', async () => {
  await answering((response) => {
    response.writeHead(200);
    const bytes = Buffer.from(`: alive\n\n${event(4)}${event(5)}`);
    let at = 0;
    const next = (): void => void (at < bytes.length && response.write(bytes.subarray(at, (at += 7)), next));
    next();
  });
  const teams: unknown[] = [];
  expect(await follow(3, 2, (event) => teams.push(event))).toEqual([4, 5]);
  expect(teams).toEqual([4, 5].map((id) => ({ id, type: 'team-changed', team: 'straße' })));
  expect(asked[0]!.path).toBe('/internal/events?after=3');
});

it('comes back after the last event once control ended the stream, or broke it off in the middle of one', async () => {
  await answering(sends(event(4), ends), sends(event(5) + event(6).slice(0, 30), breaks), sends(event(6)));
  expect(await follow(3, 3)).toEqual([4, 5, 6]);
  expect(asked.map(({ path }) => path)).toEqual([3, 4, 5].map((id) => `/internal/events?after=${id}`));
});

it('comes back until control is there and lets it in', async () => {
  await answering(json(503, {}), sends(event(1)));
  expect(await follow(0, 1)).toEqual([1]);
});

it('has an event again whose handler threw, and those before it not', async () => {
  await answering(sends(event(1) + event(2)), sends(event(2)));
  let thrown = 0;
  const failOnce = ({ id }: ApplianceEvent): void => {
    if (id === 2 && thrown++ === 0) throw new Error('the database is busy');
  };
  expect(await follow(0, 2, failOnce)).toEqual([1, 2]);
  expect(asked.map(({ path }) => path)).toEqual(['/internal/events?after=0', '/internal/events?after=1']);
});

it('hands over the next event when the one before is dealt with', async () => {
  await answering(sends(event(1) + event(2)));
  const stop = new AbortController();
  const steps: string[] = [];
  await new ControlClient(settings).follow(
    0,
    async ({ id }) => {
      steps.push(`begin ${id}`);
      await new Promise((resolve) => setImmediate(resolve));
      steps.push(`end ${id}`);
      if (id === 2) stop.abort();
    },
    stop.signal,
    logger,
  );
  expect(steps).toEqual(['begin 1', 'end 1', 'begin 2', 'end 2']);
});

it('stops at once when it is told to, also while it waits', async () => {
  await answering(sends(': alive\n\n', () => setImmediate(() => stop.abort())));
  const stop = new AbortController();
  await new ControlClient(settings).follow(0, () => undefined, stop.signal, logger);
  expect(asked).toHaveLength(1);
});
