import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../server/database/database.ts';
import { isRunning, root, TestAppliance } from '../support/appliance.ts';
import { eventually } from '../support/eventually.ts';

const run = promisify(execFile);
const opened: TestAppliance[] = [];
afterEach(async () => {
  for (const house of opened.splice(0)) {
    await script(house, 'down').catch(() => undefined);
    await house.dispose();
  }
});

async function create(environment: Record<string, string> = {}): Promise<TestAppliance> {
  const house = await TestAppliance.create(environment);
  opened.push(house);
  return house;
}

function script(house: TestAppliance, name: string, ...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const environment = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...house.environment };
  return run(path.join(root, 'scripts', name), args, { env: environment, cwd: '/', timeout: 120_000 });
}

/** What scripts/up comes to in the end, without its look at what is installed. */
function control(house: TestAppliance): Promise<unknown> {
  const main = path.join(root, 'server/dist/control/main.js');
  return run(process.execPath, [main], { env: { PATH: process.env.PATH ?? '', ...house.environment }, timeout: 60_000 });
}

async function componentPids(house: TestAppliance): Promise<number[]> {
  const health = await house.health();
  return Object.values(health?.components ?? {}).map(({ pid = 0 }) => pid);
}

describe('scripts/up and scripts/down', () => {
  test('up --detach returns once all is healthy and prints the set-up link; down stops all of it and nothing else', async () => {
    const [one, other] = [await create(), await create()];
    const { stdout } = await script(one, 'up', '--detach');
    expect(stdout).toMatch(new RegExp(`http://localhost:${one.port}/setup\\?token=[\\w-]{43}`));
    expect((await one.health())?.status).toBe('setup');
    await script(other, 'up', '--detach');
    const [ours, theirs] = [await componentPids(one), await componentPids(other)];
    expect(ours).toHaveLength(5);

    expect((await script(one, 'down')).stdout).toContain('Stopped');
    expect(ours.filter(isRunning)).toEqual([]);
    expect(theirs.every(isRunning)).toBe(true);
    expect((await other.health())?.status).toBe('setup');
    expect((await script(one, 'down')).stdout).toContain('Nothing runs');
  });

  test('in the foreground, Ctrl-C stops every component, in order', async () => {
    const house = await create();
    const environment = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...house.environment };
    const up = spawn(path.join(root, 'scripts/up'), { env: environment, cwd: '/', stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    up.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    await eventually('the link is printed', () => output.includes('/setup?token='), 60_000);
    const pids = await componentPids(house);
    up.kill('SIGINT');
    expect(await once(up, 'exit')).toEqual([0, null]);
    expect(pids.filter(isRunning)).toEqual([]);
    const stopped = [...output.matchAll(/^\S+ +(\w+) +.*: stopped$/gm)].map(([, name]) => name);
    expect(stopped).toEqual(['gateway', 'daemon', 'storage', 'prosody', 'ergo']);
  });
});

describe('leftovers', () => {
  test('control killed: the next start ends what is left of it, and everything is healthy again', async () => {
    const house = await create();
    await house.start();
    const pids = await componentPids(house);
    const ergo = await house.componentPid('ergo');
    await house.stop('SIGKILL');
    // As any Go program, Ergo is ended by the first line that it logs into the closed pipe.
    expect(pids.filter((pid) => pid !== ergo).every(isRunning)).toBe(true);
    await house.start();
    expect(pids.filter(isRunning)).toEqual([]);
    expect((await componentPids(house)).every(isRunning)).toBe(true);
    expect(await house.stop()).toBeLessThan(10_000);
  });

  test('control killed and not started again: scripts/down ends what is left', async () => {
    const house = await create();
    await house.start();
    const pids = await componentPids(house);
    await house.stop('SIGKILL');
    expect((await script(house, 'down')).stdout).toContain('Ended what a killed control left behind');
    expect(pids.filter(isRunning)).toEqual([]);
  });

  test('a second control on the same data is refused', async () => {
    const house = await create();
    await house.start();
    await expect(script(house, 'up')).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('KOSMOS_ERR_ALREADY_RUNNING') });
    expect((await house.health())?.status).toBe('setup');
  });
});

describe('what cannot work is said before anything starts', () => {
  test.each([
    ['KOSMOS_PORT', 'eighty'],
    ['KOSMOS_PORT', '70000'],
    ['KOSMOS_IRC_PORT', '0'],
    ['KOSMOS_XMPP_PORT', '-1'],
    ['KOSMOS_LOG_LEVEL', 'loud'],
    ['KOSMOS_DOMAIN', 'no domain'],
    ['KOSMOS_HOST', 'no host!'],
    ['KOSMOS_HOST', '203.0.113.99'],
    ['KOSMOS_COLOUR', 'blue'],
    ['DATABASE_URL', 'mysql://localhost/kosmos'],
  ])('%s=%s', async (variable, value) => {
    const house = await create({ [variable]: value });
    const failure = (await control(house).catch((error: unknown) => error)) as { code: number; stderr: string };
    expect(failure.code).toBe(1);
    const lines = failure.stderr.trim().split('\n');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(new RegExp(`^control: KOSMOS_ERR_SETTING: .*${variable}`));
  });

  test('a port that is taken is named with its variable', async () => {
    const house = await create();
    const squatter = net.createServer().listen(house.ircsPort, '127.0.0.1');
    await once(squatter, 'listening');
    const failure = (await script(house, 'up').catch((error: unknown) => error)) as { code: number; stderr: string };
    squatter.close();
    expect(failure.stderr).toMatch(new RegExp(`KOSMOS_ERR_PORT_TAKEN: Port ${house.ircsPort} \\(KOSMOS_IRCS_PORT\\)`));
    expect(failure.code).toBe(1);
  });

  test('a database written by a newer version is left alone', async () => {
    const house = await create();
    await house.start();
    await house.stop();
    const database = openDatabase({ dataFolder: house.dataFolder, databaseUrl: undefined });
    const { sql } = await import('kysely');
    await sql`insert into migrations (name, down, applied_at) values ('9999-from-the-future', '[]', '2999-01-01')`.execute(database);
    await database.destroy();
    await expect(script(house, 'up')).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('KOSMOS_ERR_DATABASE_NEWER') });
  });
});

test('everything in the data tree is for its owner alone, and no secret is in a log or on a command line', async () => {
  const house = await create();
  await house.start();
  await house.setUp('irc');
  const files = readdirSync(house.dataFolder, { recursive: true, withFileTypes: true });
  const open = files
    .filter((entry) => entry.isFile())
    .filter((entry) => (statSync(path.join(entry.parentPath, entry.name)).mode & 0o077) !== 0);
  const secretOnes = open.filter(({ parentPath, name }) => /secrets|key\.pem|ircd\.yaml|kosmos\.db/.test(path.join(parentPath, name)));
  expect(secretOnes).toEqual([]);
  expect(statSync(house.dataFolder).mode & 0o077).toBe(0);

  const secrets = readdirSync(path.join(house.dataFolder, 'secrets')).map((name) =>
    readFileSync(path.join(house.dataFolder, 'secrets', name), 'utf8'),
  );
  const logs = readdirSync(path.join(house.dataFolder, 'logs')).map((name) =>
    readFileSync(path.join(house.dataFolder, 'logs', name), 'utf8'),
  );
  const commands = [house.controlPid, ...(await componentPids(house))].map(
    (pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8') + readFileSync(`/proc/${pid}/environ`, 'utf8'),
  );
  expect(secrets.length).toBeGreaterThan(3);
  for (const secret of secrets) {
    expect(logs.some((log) => log.includes(secret))).toBe(false);
    expect(commands.some((command) => command.includes(secret))).toBe(false);
  }
});
