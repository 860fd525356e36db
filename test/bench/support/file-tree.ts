import { createRequire } from 'node:module';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

/** Armadietto with its own FileTree store, alone in a process: what ours is measured beside. Prints its port and a token. */
interface FileTree {
  createUser(user: { username: string; email: string; password: string }): Promise<void>;
  authorize(client: string, name: string, permissions: Record<string, string[]>): Promise<string>;
  dataPath(name: string, path: string): string;
}
interface Armadietto {
  new (options: object): http.RequestListener;
  FileTree: new (options: { path: string }) => FileTree;
}

const require = createRequire(import.meta.url);
const Armadietto = require('armadietto') as Armadietto;
const { configureLogger } = require('armadietto/lib/logger') as { configureLogger(options: object): { silent: boolean } };
configureLogger({ stdout: ['emerg'] }).silent = true;

const store = new Armadietto.FileTree({ path: process.argv[2] ?? '' });
await store.createUser({ username: 'alice', email: 'alice@chat.example', password: 'correct horse battery' });
const token = await store.authorize('bench', 'alice', { '/': ['r', 'w'] });
const server = http.createServer(new Armadietto({ bare: true, store, basePath: '', http: { host: '127.0.0.1' } }));
server.listen(0, '127.0.0.1', () => process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port, token })}\n`));

/** Its metadata of a folder with many documents, written at once: putting them one by one takes it many minutes. */
process.on('message', ({ folder, count }: { folder: string; count: number }) => {
  const item = { ETag: Date.now().toString(), 'Content-Type': 'text/plain', 'Content-Length': 1_000 };
  const items = Object.fromEntries(Array.from({ length: count }, (_, index) => [`document-${index}`, item]));
  writeFileSync(path.join(store.dataPath('alice', folder), '.~meta'), JSON.stringify({ items, ETag: item.ETag }, null, 2));
  process.send?.('done');
});
