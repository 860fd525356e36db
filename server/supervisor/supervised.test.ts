import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLogger } from '../foundation/logging.ts';
import { readSettings } from '../foundation/settings.ts';
import { topologyOf } from '../foundation/topology.ts';
import type { Appliance, Component, ComponentName } from '../components/component.ts';
import { ProcessDriver } from './drivers/process.ts';
import type { Keeper } from './keeper.ts';
import { endLeftovers, prepareRunFolder } from './pid-files.ts';
import { findStartTime } from './proc.ts';
import type { ComponentState } from './supervised.ts';
import { Supervisor } from './supervisor.ts';

let folder: string;
let supervisor: Supervisor | undefined;
beforeEach(() => void (folder = mkdtempSync(path.join(os.tmpdir(), 'kosmos-supervisor-'))));
afterEach(async () => {
  await supervisor?.stopAll();
  supervisor = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** A real program: listens on a Unix socket, and does what `script` says besides. */
function program(name: ComponentName, script = '', after: ComponentName[] = []): Component {
  const socket = path.join(folder, `${name}.test.sock`);
  const file = path.join(folder, `${name}.cjs`);
  writeFileSync(
    file,
    `const fs = require('node:fs'); fs.rmSync(${JSON.stringify(socket)}, { force: true });
     console.log('up ' + process.pid); fs.appendFileSync(${JSON.stringify(path.join(folder, 'order'))}, 'start ${name}\\n');
     process.on('SIGTERM', () => { fs.appendFileSync(${JSON.stringify(path.join(folder, 'order'))}, 'stop ${name}\\n'); process.exit(0); });
     const server = require('node:net').createServer((c) => c.on('error', () => {}).end('hello')).listen(${JSON.stringify(socket)});
     ${script}`,
  );
  return {
    ...{ name, title: name, after, configure: () => 'none' },
    launch: () => ({ command: process.execPath, args: [file] }),
    checkReady: async (_, signal) => {
      const connection = net.connect(socket);
      signal.addEventListener('abort', () => connection.destroy(new Error('no answer')));
      await once(connection, 'data');
      connection.destroy();
    },
  };
}

function supervise(...components: Component[]): Supervisor {
  const settings = readSettings({ KOSMOS_DATA: folder, KOSMOS_LOG_LEVEL: 'silent' });
  const topology = topologyOf(settings);
  prepareRunFolder(topology.runFolder);
  const appliance = { settings, topology } as Appliance;
  const logger = createLogger('test', 'silent');
  return (supervisor = new Supervisor(components, () => appliance, new ProcessDriver(topology.runFolder), logger));
}

async function until(supervised: Keeper, ...states: ComponentState[]): Promise<void> {
  const signal = AbortSignal.timeout(15_000);
  while (!states.includes(supervised.state)) await once(supervised, 'state', { signal });
}

const order = (): string[] => readFileSync(path.join(folder, 'order'), 'utf8').trim().split('\n');

test('components start after those they need and stop in the order given', async () => {
  await supervise(program('gateway', '', ['ergo']), program('ergo')).startAll();
  expect(order()).toEqual(['start ergo', 'start gateway']);
  expect(supervisor!.statuses()).toMatchObject({ ergo: { state: 'ready', restarts: 0 }, gateway: { state: 'ready' } });
  expect(supervisor!.statuses().ergo!.memory).toBeGreaterThan(1_000_000);
  const { pid } = supervisor!.statuses().ergo!;
  await supervisor!.act('gateway', 'stop');
  await supervisor!.act('ergo', 'stop');
  expect(order().slice(2)).toEqual(['stop gateway', 'stop ergo']);
  expect(findStartTime(pid!)).toBeUndefined();
});

test('what is killed comes back, and its log is kept', async () => {
  await supervise(program('ergo')).startAll();
  const ergo = supervisor!.get('ergo');
  const { pid } = ergo.status();
  process.kill(pid!, 'SIGKILL');
  await until(ergo, 'waiting');
  expect(ergo.status().reason).toBe('it ended by SIGKILL');
  await until(ergo, 'ready');
  expect(ergo.status()).toMatchObject({ restarts: 1 });
  expect(ergo.status().pid).not.toBe(pid);
  const lines = ergo.log.last(10).map(({ text }) => text);
  expect(lines).toEqual([`up ${pid}`, `up ${ergo.status().pid}`]);
});

test('a crash loop is failed after five crashes in a minute, and can be started again', async () => {
  const crashing = program('ergo', `if (!fs.existsSync(${JSON.stringify(path.join(folder, 'mended'))})) process.exit(3);`);
  await supervise(crashing).startAll();
  const ergo = supervisor!.get('ergo');
  expect(ergo.status()).toMatchObject({ state: 'failed', restarts: 4, reason: 'it ended with code 3' });
  writeFileSync(path.join(folder, 'mended'), '');
  expect(await supervisor!.act('ergo', 'start')).toMatchObject({ state: 'ready' });
});

test('a program that is not installed is failed at once and named', async () => {
  const missing: Component = { ...program('ergo'), package: 'ergochat', launch: () => ({ command: 'no-such-program', args: [] }) };
  await supervise(missing).startAll();
  expect(supervisor!.get('ergo').status()).toMatchObject({ state: 'failed', reason: expect.stringContaining('apt-get install ergochat') });
});

test('what does not answer is not called ready', { timeout: 40_000 }, async () => {
  await supervise(program('ergo')).startAll();
  const ergo = supervisor!.get('ergo');
  const { pid } = ergo.status();
  process.kill(pid!, 'SIGSTOP');
  await until(ergo, 'unresponsive');
  process.kill(pid!, 'SIGCONT');
  await until(ergo, 'ready');
  expect(ergo.status().pid).toBe(pid);
});

test('actions that make no sense are refused', async () => {
  await supervise(program('ergo')).startAll();
  await expect(supervisor!.act('ergo', 'start')).rejects.toMatchObject({ code: 'KOSMOS_ERR_COMPONENT_ACTION' });
  expect(await supervisor!.act('ergo', 'stop')).toMatchObject({ state: 'stopped' });
  await expect(supervisor!.act('ergo', 'stop')).rejects.toMatchObject({ code: 'KOSMOS_ERR_COMPONENT_ACTION' });
  await expect(supervisor!.act('apache', 'stop')).rejects.toMatchObject({ code: 'KOSMOS_ERR_COMPONENT_NOT_FOUND' });
});

test('a program that ignores SIGTERM, and what it started, are killed', async () => {
  const stubborn = program(
    'ergo',
    `process.removeAllListeners('SIGTERM'); process.on('SIGTERM', () => {});
     const child = require('node:child_process').spawn('sleep', ['300']); console.log('child ' + child.pid);`,
  );
  await supervise(stubborn).startAll();
  const ergo = supervisor!.get('ergo');
  const child = Number(
    ergo.log
      .last(5)
      .map(({ text }) => /child (\d+)/.exec(text)?.[1])
      .find(Boolean),
  );
  await ergo.close(300);
  expect(ergo.state).toBe('stopped');
  for (let tries = 0; findStartTime(child) !== undefined && tries < 100; tries++) await wait(10);
  expect(findStartTime(child)).toBeUndefined();
});

test('the next start ends what a killed control left behind, and no process that merely has the number', async () => {
  await supervise(program('ergo')).startAll();
  const { pid } = supervisor!.get('ergo').status();
  const { runFolder } = topologyOf(readSettings({ KOSMOS_DATA: folder }));
  writeFileSync(path.join(runFolder, 'daemon.pid'), JSON.stringify({ pid: process.pid, startTime: 1 }));
  expect(await endLeftovers(runFolder, 'control')).toEqual(['ergo']);
  expect(findStartTime(pid!)).not.toBe(pid);
});
