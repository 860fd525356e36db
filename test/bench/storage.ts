import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { topologyOf, type Address } from '../../server/foundation/topology.ts';
import { startAppliance } from '../storage/support/appliance.ts';

/** `npm run bench:storage`: our store beside Armadietto's own FileTree, each in a process of its own, on the same disk, in turn. */
const PUTS = 1_000;
const LISTED = 10_000;
const LISTINGS = 40;
const body = Buffer.alloc(1_000, 'x');

interface Server {
  readonly address: Address;
  readonly token: string;
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });

async function send(server: Server, method: string, url: string): Promise<number> {
  const headers = { authorization: `Bearer ${server.token}`, 'content-type': 'text/plain' };
  const request = http.request({ ...server.address, agent, method, path: url, headers });
  const [response] = (await once(request.end(method === 'PUT' ? body : undefined), 'response')) as [http.IncomingMessage];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) length += chunk.length;
  if ((response.statusCode ?? 500) >= 300) throw new Error(`${method} ${url}: ${response.statusCode}`);
  return length;
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const began = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - began) / 1e6;
}

async function putMany(server: Server, folder: string, count: number, atOnce: number): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await send(server, 'PUT', `/storage/alice/${folder}/document-${next++}`);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** Milliseconds at the 50th and 95th percentile. With `isChanging`, a document is put before each listing. */
async function listOften(server: Server, folder: string, isChanging: boolean): Promise<{ p50: number; p95: number; bytes: number }> {
  const times: number[] = [];
  let bytes = 0;
  for (let index = 0; index < LISTINGS; index += 1) {
    if (isChanging) await send(server, 'PUT', `/storage/alice/${folder}/document-1`);
    times.push(await time(async () => (bytes = await send(server, 'GET', `/storage/alice/${folder}/`))));
  }
  times.sort((a, b) => a - b);
  return { p50: times[LISTINGS / 2] ?? 0, p95: times[Math.floor(LISTINGS * 0.95)] ?? 0, bytes };
}

async function startFileTree(folder: string): Promise<{ server: Server; child: ChildProcess }> {
  const script = path.join(import.meta.dirname, 'support/file-tree.ts');
  const child = fork(script, [folder], { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
  const { port, token } = JSON.parse(line.toString()) as { port: number; token: string };
  return { server: { address: { host: '127.0.0.1', port }, token }, child };
}

const say = (line: string): boolean => process.stdout.write(`${line}\n`);
const ms = (value: number): string => `${value.toFixed(1)} ms`;

const appliance = await startAppliance();
const folder = mkdtempSync(path.join(os.tmpdir(), 'kosmos-file-tree-'));
const { server: theirs, child } = await startFileTree(folder);
try {
  const alice = await appliance.addAccount('alice');
  const ours: Server = { address: topologyOf(appliance.settings).storage, token: await appliance.token(alice, '*:rw') };
  for (const server of [ours, theirs]) await putMany(server, 'warm', 50, 1);
  const ourPuts = await time(() => putMany(ours, 'one', PUTS, 1));
  const theirPuts = await time(() => putMany(theirs, 'one', PUTS, 1));
  say(
    `${PUTS} PUTs of 1 kB, one after another: ours ${ms(ourPuts)} (durable), FileTree ${ms(theirPuts)} (not): ${(theirPuts / ourPuts).toFixed(1)} times`,
  );
  const ourEight = await time(() => putMany(ours, 'eight', PUTS, 8));
  const theirEight = await time(() => putMany(theirs, 'eight', PUTS, 8));
  say(`${PUTS} PUTs of 1 kB, eight at once: ours ${ms(ourEight)}, FileTree ${ms(theirEight)}: ${(theirEight / ourEight).toFixed(1)} times`);
  await putMany(ours, 'large', LISTED, 8);
  await send(theirs, 'PUT', '/storage/alice/large/document-0');
  child.send({ folder: 'large', count: LISTED });
  await once(child, 'message');
  for (const isChanging of [true, false]) {
    const [ourList, theirList] = [await listOften(ours, 'large', isChanging), await listOften(theirs, 'large', isChanging)];
    say(`listing ${LISTED} documents, ${isChanging ? 'one changed before each' : 'unchanged'}:`);
    say(
      `  ours p50 ${ms(ourList.p50)}, p95 ${ms(ourList.p95)}, ${ourList.bytes} bytes; FileTree p50 ${ms(theirList.p50)}, p95 ${ms(theirList.p95)}`,
    );
  }
  const gets = await time(async () => {
    for (let index = 0; index < PUTS; index += 1) await send(ours, 'GET', `/storage/alice/one/document-${index}`);
  });
  say(`${PUTS} GETs of 1 kB, one after another: ours ${ms(gets)}`);
} finally {
  child.kill();
  agent.destroy();
  await appliance.close();
  rmSync(folder, { recursive: true });
}
