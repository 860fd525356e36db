import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import S3rver from '@20minutes/s3rver';

/** An S3 server that checks signatures, with one bucket. */
export interface TestBucket {
  /** As KOSMOS_S3 has it. */
  readonly url: string;
  /** Paths of the objects that it has. */
  objects(): string[];
  /** Puts the keys, or these, where storage reads them. */
  giveKeys(dataFolder: string, keys?: string): void;
  /** Not reachable until `start`. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

const NAME = 'documents';
const ENDING = '._S3rver_object';

export async function startBucket(): Promise<TestBucket> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'kosmos-s3-'));
  let server: S3rver | undefined;
  let port = 0;
  const start = async (): Promise<void> => {
    const options = { address: '127.0.0.1', port, directory, silent: true, vhostBuckets: false };
    server = new S3rver({ ...options, configureBuckets: [{ name: NAME }] });
    ({ port } = await server.run());
  };
  const stop = async (): Promise<void> => {
    const http = server?.httpServer;
    server = undefined;
    if (!http) return;
    http.close();
    http.closeAllConnections();
    await once(http, 'close');
  };
  await start();
  return {
    ...{ url: `http://127.0.0.1:${port}/${NAME}`, start, stop },
    objects: () => {
      const names = readdirSync(path.join(directory, NAME), { recursive: true, encoding: 'utf8' });
      return names.filter((name) => name.endsWith(ENDING)).map((name) => name.slice(0, -ENDING.length));
    },
    giveKeys: (dataFolder, keys = 'S3RVER\nS3RVER\n') => {
      mkdirSync(path.join(dataFolder, 'secrets'), { recursive: true, mode: 0o700 });
      writeFileSync(path.join(dataFolder, 'secrets', 's3'), keys, { mode: 0o644 });
    },
    close: async () => {
      await stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
