import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';

interface Store {
  createUser(user: { username: string; password: string; email: string }): Promise<unknown>;
  authorize(client: string, username: string, permissions: Record<string, string[]>): Promise<string>;
}
type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void;
const require = createRequire(import.meta.url);
const Armadietto = require('armadietto') as { new (options: object): Handler; FileTree: new (options: { path: string }) => Store };
const { configureLogger } = require('armadietto/lib/logger') as { configureLogger(options: object): void };

/** A remoteStorage server of other people's making, with one account. */
export async function startArmadietto(username: string) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'kosmos-rs-'));
  configureLogger({ log_dir: folder, stdout: [], log_files: ['error'] });
  const store = new Armadietto.FileTree({ path: folder });
  await store.createUser({ username, password: 'irrelevant here', email: 'team@chat.test' });
  const token = await store.authorize('daemon', username, { '/chat-messages/': ['r', 'w'] });
  const handler = new Armadietto({
    bare: true,
    store,
    http: { host: '127.0.0.1', port: 0 },
    allow: { signup: false },
  });
  const server = http.createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  const root = `/storage/${username}`;
  return {
    ...{ address, root, token },
    get: async (document: string, withToken = true): Promise<{ status: number; body: unknown }> => {
      const headers: Record<string, string> = withToken ? { authorization: `Bearer ${token}` } : {};
      const response = await fetch(`http://127.0.0.1:${address.port}${root}/${document}`, { headers });
      const text = await response.text();
      return { status: response.status, body: response.ok ? JSON.parse(text) : text };
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
