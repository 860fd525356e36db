import http from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { readSettings } from '../foundation/settings.ts';
import { findStartTime } from '../supervisor/proc.ts';

const LIMIT = 120_000;
const POLL = 100;

/** `scripts/up --detach`: waits until the control with this process number says that all is well; exits with 1 if it ends or is late. */
async function awaitHealth(pid: number): Promise<boolean> {
  const settings = readSettings(process.env);
  const startTime = findStartTime(pid);
  for (const end = Date.now() + LIMIT; Date.now() < end; await wait(POLL)) {
    if (startTime === undefined || findStartTime(pid) !== startTime) return false;
    const status = await readStatus(settings.host, settings.port);
    if (status === 'ok' || status === 'setup') return true;
    if (status === 'failed') return false;
  }
  return false;
}

function readStatus(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const outgoing = http.get({ host, port, path: '/api/health', timeout: 2_000 }, (incoming) => {
      let body = '';
      incoming.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      incoming.on('end', () => resolve((JSON.parse(body) as { status?: string }).status));
    });
    outgoing.on('timeout', () => outgoing.destroy());
    outgoing.on('error', () => resolve(undefined));
  });
}

process.exit((await awaitHealth(Number(process.argv[2]))) ? 0 : 1);
