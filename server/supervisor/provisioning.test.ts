import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLogger } from '../foundation/logging.ts';
import { readSettings } from '../foundation/settings.ts';
import { topologyOf } from '../foundation/topology.ts';
import type { ApplianceEvent } from '../foundation/events.ts';
import type { Appliance, Component, LiveSession, Provisioner } from '../components/component.ts';
import { openTestStore, type TestStore } from '../identity/identity.test-support.ts';
import type { Driver, Exit } from './drivers/driver.ts';
import { ComponentLog } from './logs.ts';
import { Provisioning } from './provisioning.ts';
import { Supervised } from './supervised.ts';

const LIMIT = 10_000;
const logger = createLogger('test', 'silent');
let folder: string;
let store: TestStore;
let server: Supervised;
let endServer: (exit: Exit) => void;
let script: Script;
let provisioning: Provisioning;
beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'kosmos-provisioning-'));
  store = await openTestStore();
  server = superviseServer();
  script = new Script();
  provisioning = new Provisioning(store.outbox, server, script, logger);
});
afterEach(async () => {
  await provisioning.close();
  await server.stop();
  server.log.close();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A server that is what the test says: it answers at once, and ends by `endServer`. */
function superviseServer(): Supervised {
  const driver: Driver = {
    start: async () => {
      let end!: (exit: Exit) => void;
      const exited = new Promise<Exit>((resolve) => (end = resolve));
      endServer = end;
      return { pid: 1, exited, stop: async () => end({ code: 0, signal: null }), reload: () => undefined, usage: () => undefined };
    },
  };
  const component: Component = {
    ...{ name: 'ergo', title: 'A server', after: [] },
    configure: () => 'none',
    launch: () => ({ command: 'none', args: [] }),
    checkReady: async () => undefined,
  };
  const settings = readSettings({ KOSMOS_DATA: folder });
  const appliance = { settings, topology: topologyOf(settings) } as Appliance;
  return new Supervised(component, () => appliance, driver, new ComponentLog(folder, 'ergo'), logger);
}

/** Does what the test told it for each call, and notes the calls. */
class Script implements Provisioner {
  readonly calls: string[] = [];
  closed = 0;
  #calling = 0;
  readonly #answers: ((signal: AbortSignal) => Promise<void>)[] = [];

  /** What the next calls do; all further ones succeed at once. */
  willDo(...answers: ((signal: AbortSignal) => Promise<void>)[]): void {
    this.#answers.push(...answers);
  }
  reconcile(signal: AbortSignal): Promise<void> {
    return this.#call('reconcile', signal);
  }
  apply(event: ApplianceEvent, signal: AbortSignal): Promise<void> {
    return this.#call(('team' in event && event.team) || event.type, signal);
  }
  listSessions(): Promise<LiveSession[]> {
    return Promise.resolve([]);
  }
  async close(): Promise<void> {
    this.closed += 1;
  }
  async #call(name: string, signal: AbortSignal): Promise<void> {
    if (this.#calling > 0) throw new Error('calls overlap');
    this.#calling += 1;
    this.calls.push(name);
    await (this.#answers.shift() ?? succeed)(signal).finally(() => (this.#calling -= 1));
  }
}

const succeed = async (): Promise<void> => undefined;
const fail = (): Promise<void> => Promise.reject(new Error('the server refused'));
/** A call that waits until the test lets it go on, or its time is over. */
function gate(): { answer: (signal: AbortSignal) => Promise<void>; reached: Promise<void>; open: () => void } {
  let open!: () => void;
  let reach!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const answer = async (signal: AbortSignal): Promise<void> => {
    reach();
    await Promise.race([opened, once(signal, 'abort').then(() => Promise.reject(new Error('aborted')))]);
  };
  return { answer, reached, open };
}

const change = (...teams: string[]): Promise<number> =>
  store.outbox
    .change(async ({ emit }) => {
      for (const team of teams) await emit({ type: 'team-changed', team });
    })
    .then(() => store.outbox.findLatest());

async function untilReady(): Promise<void> {
  const signal = AbortSignal.timeout(LIMIT);
  while (server.state !== 'ready') await once(server, 'state', { signal });
}

it('makes the server as the database says once it is ready, and not before', async () => {
  const latest = await change('one', 'two');
  provisioning.start();
  expect(await provisioning.untilApplied(latest, 50)).toBe(false);
  expect(script.calls).toEqual([]);
  server.start();
  expect(await provisioning.untilApplied(latest, LIMIT)).toBe(true);
  expect(script.calls).toEqual(['reconcile']);
});

it('carries events over in their order, one at a time', async () => {
  provisioning.start();
  server.start();
  expect(await provisioning.untilApplied(0, LIMIT)).toBe(true);
  const first = gate();
  script.willDo(first.answer);
  await change('one', 'two');
  await first.reached;
  const latest = await change('three');
  expect(script.calls).toEqual(['reconcile', 'one']);
  expect(await provisioning.untilApplied(latest, 20)).toBe(false);
  first.open();
  expect(await provisioning.untilApplied(latest, LIMIT)).toBe(true);
  expect(script.calls).toEqual(['reconcile', 'one', 'two', 'three']);
});

it('does what was committed while it reconciled, if it is newer than what it began with', async () => {
  const reconciling = gate();
  script.willDo(reconciling.answer);
  await change('before');
  provisioning.start();
  server.start();
  await reconciling.reached;
  const latest = await change('meanwhile');
  reconciling.open();
  expect(await provisioning.untilApplied(latest, LIMIT)).toBe(true);
  expect(script.calls).toEqual(['reconcile', 'meanwhile']);
});

it('makes good what failed by reconciling again', async () => {
  provisioning.start();
  server.start();
  await provisioning.untilApplied(0, LIMIT);
  script.willDo(succeed, fail);
  const latest = await change('one', 'two', 'three');
  expect(await provisioning.untilApplied(latest, LIMIT)).toBe(true);
  expect(script.calls).toEqual(['reconcile', 'one', 'two', 'reconcile']);
});

it('tries again until the server can be reconciled', async () => {
  script.willDo(fail, fail);
  provisioning.start();
  server.start();
  expect(await provisioning.untilApplied(0, LIMIT)).toBe(true);
  expect(script.calls).toEqual(['reconcile', 'reconcile', 'reconcile']);
});

it('does not say that a server has it all which came back and is not checked yet', async () => {
  provisioning.start();
  server.start();
  const latest = await change('one');
  expect(await provisioning.untilApplied(latest, LIMIT)).toBe(true);
  const again = gate();
  script.willDo(again.answer);
  endServer({ code: 1, signal: null });
  await again.reached;
  expect(server.state).toBe('ready');
  expect(await provisioning.untilApplied(latest, 50)).toBe(false);
  again.open();
  expect(await provisioning.untilApplied(latest, LIMIT)).toBe(true);
  expect(script.calls.at(-1)).toBe('reconcile');
});

it('checks again a server that went and came back while it was being reconciled', async () => {
  const first = gate();
  const second = gate();
  script.willDo(first.answer, second.answer);
  provisioning.start();
  server.start();
  await first.reached;
  endServer({ code: 1, signal: null });
  await once(server, 'state');
  first.open();
  await second.reached;
  expect(await provisioning.untilApplied(0, 50)).toBe(false);
  second.open();
  expect(await provisioning.untilApplied(0, LIMIT)).toBe(true);
});

it('checks again when it is told to', async () => {
  provisioning.start();
  server.start();
  await provisioning.untilApplied(0, LIMIT);
  const again = gate();
  script.willDo(again.answer);
  provisioning.reconcileAgain();
  await again.reached;
  again.open();
  expect(await provisioning.untilApplied(0, LIMIT)).toBe(true);
  expect(script.calls).toEqual(['reconcile', 'reconcile']);
});

it('gives each event a time of its own', async () => {
  provisioning.start();
  server.start();
  await provisioning.untilApplied(0, LIMIT);
  const signals: AbortSignal[] = [];
  const note = async (signal: AbortSignal): Promise<void> => void signals.push(signal);
  script.willDo(note, note);
  await provisioning.untilApplied(await change('one', 'two'), LIMIT);
  expect(new Set(signals).size).toBe(2);
});

it('ends what it does when it is closed, and whoever waits hears that it was not done', async () => {
  const reconciling = gate();
  script.willDo(reconciling.answer);
  provisioning.start();
  server.start();
  await reconciling.reached;
  const waiting = provisioning.untilApplied(0, LIMIT);
  await provisioning.close();
  expect(await waiting).toBe(false);
  expect(script.closed).toBe(1);
  await change('afterwards');
  expect(script.calls).toEqual(['reconcile']);
});

it('calls nothing that is closed', async () => {
  script.willDo(async () => {
    if (script.closed > 0) script.calls.push('called though closed');
  });
  provisioning.start();
  server.start();
  await untilReady();
  await provisioning.close();
  expect(script.calls).not.toContain('called though closed');
});
