import { execFile } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PASSWORD, root, TestAppliance, type Api } from '../support/appliance.ts';
import { eventually } from '../support/eventually.ts';
import { IrcClient } from '../support/irc.ts';

const run = promisify(execFile);
const folder = mkdtempSync(path.join(os.tmpdir(), 'kosmos-backup-'));
const repository = path.join(folder, 'repository');
const keyFile = path.join(folder, 'key');
const text = 'what was said before the backup';

let house: TestAppliance;
let ada: Api;

beforeAll(async () => {
  ({ appliance: house, ada } = await TestAppliance.startSetUp('irc'));
  await house.join(ada, 'orbit', 'bob');
  const irc = await IrcClient.logIn({ port: house.ircsPort, certificate: house.certificate, name: 'ada', password: PASSWORD });
  irc.send('JOIN #general', `PRIVMSG #general :${text}`);
  await eventually('it is archived', async () => JSON.stringify(await history(ada)).includes(text));
  irc.close();
  // A file that is kept beside the database, as storage writes it.
  const blobs = path.join(house.dataFolder, 'storage', 'some-account', 'ab');
  await run('mkdir', ['-p', blobs]);
  writeFileSync(path.join(blobs, 'abcd'), 'a file of somebody');
});
afterAll(async () => {
  await house.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const history = (api: Api): Promise<unknown> => api.ask(200, 'GET', '/api/teams/orbit/channels/general/messages');
const members = (api: Api): Promise<unknown> => api.ask(200, 'GET', '/api/teams/orbit/members');

function script(name: string, args: string[], more: Record<string, string> = {}): Promise<{ stdout: string; stderr: string }> {
  const environment = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...house.environment, ...more };
  return run(path.join(root, 'scripts', name), args, { env: environment, cwd: '/', timeout: 50_000 });
}

test('scripts/backup backs up what runs, proves it, and the API tells when', async () => {
  const { stdout } = await script('backup', [repository]);
  expect(stdout).toMatch(/Backed up as \w+ to .*repository.*\nProved at 20/);
  copyFileSync(path.join(house.dataFolder, 'secrets', 'backup'), keyFile);
  const told = await ada.ask<{ lastProvedAt: string; runs: { id: string }[] }>(200, 'GET', '/api/backups');
  expect(Date.parse(told.lastProvedAt)).toBeGreaterThan(Date.now() - 120_000);
  expect(told.runs).toHaveLength(1);
  // Nothing of it can be read without the key.
  const { stdout: found } = await run('grep', ['-rlF', text, repository]).catch(() => ({ stdout: '' }));
  expect(found).toBe('');
});

test('from the panel: the plan is kept, a backup is made to it, and only who runs the appliance may', async () => {
  const bob = await house.logIn('bob');
  for (const method of ['GET', 'PUT', 'POST'])
    expect(await bob.ask(403, method, '/api/backups', method === 'PUT' ? {} : undefined)).toMatchObject({ code: 'KOSMOS_ERR_FORBIDDEN' });
  await ada.ask(400, 'PUT', '/api/backups', { repository: '--option=x' });
  await ada.ask(200, 'PUT', '/api/backups', { repository, hour: 4 });
  const made = await ada.ask<{ id: string; provedAt: string; added: number }>(200, 'POST', '/api/backups');
  expect(made.provedAt).toMatch(/^20/);
  expect(await ada.ask(200, 'GET', '/api/backups')).toMatchObject({ plan: { repository, hour: 4 }, runs: [{ id: made.id }, {}] });
});

test('a restore overwrites nothing and needs the key', async () => {
  await expect(script('restore', [repository, keyFile])).rejects.toMatchObject({
    stderr: expect.stringContaining('KOSMOS_ERR_RESTORE_NOT_EMPTY'),
  });
  const elsewhere = { KOSMOS_DATA: path.join(folder, 'elsewhere') };
  const wrong = path.join(folder, 'wrong');
  writeFileSync(wrong, 'x'.repeat(43));
  await expect(script('restore', [repository, wrong], elsewhere)).rejects.toMatchObject({
    stderr: expect.stringContaining('KOSMOS_ERR_BACKUP_KEY'),
  });
  await expect(script('restore', [path.join(folder, 'nowhere'), keyFile], elsewhere)).rejects.toMatchObject({
    stderr: expect.stringContaining('KOSMOS_ERR_BACKUP_NONE'),
  });
});

test('wiped and restored: the same messages, accounts and files, and everything runs', async () => {
  const [said, people] = [await history(ada), await members(ada)];
  const secrets = readSecrets();
  await house.stop();
  rmSync(house.dataFolder, { recursive: true });
  const { stdout } = await script('restore', [repository, keyFile]);
  expect(stdout).toMatch(/^Restored localhost as it was at 20.*all as they were/);
  expect(readSecrets()).toEqual(secrets);
  expect(readFileSync(path.join(house.dataFolder, 'storage/some-account/ab/abcd'), 'utf8')).toBe('a file of somebody');
  expect(statSync(path.join(house.dataFolder, 'kosmos.db')).mode & 0o077).toBe(0);
  await house.start();
  ada = await house.logIn('ada');
  expect(await history(ada)).toEqual(said);
  expect(await members(ada)).toEqual(people);
  const irc = await IrcClient.logIn({ port: house.ircsPort, certificate: house.certificate, name: 'ada', password: PASSWORD });
  irc.close();
});

test('a damaged backup is refused with words, and nothing is put into place', async () => {
  const damaged = path.join(folder, 'damaged');
  cpSync(repository, damaged, { recursive: true });
  for (const file of packs(damaged)) {
    const bytes = readFileSync(file);
    bytes.fill(0x5a, Math.floor(bytes.length / 3), Math.floor(bytes.length / 3) + 64);
    rmSync(file);
    writeFileSync(file, bytes);
  }
  const target = path.join(folder, 'target');
  await expect(script('restore', [damaged, keyFile], { KOSMOS_DATA: target })).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/KOSMOS_ERR_BACKUP_DAMAGED: The backup is damaged and was not used/),
  });
  expect(readdirSync(target)).toEqual([]);
});

function packs(where: string): string[] {
  const files = readdirSync(path.join(where, 'data'), { recursive: true, withFileTypes: true });
  return files.filter((file) => file.isFile()).map((file) => path.join(file.parentPath, file.name));
}

function readSecrets(): Record<string, string> {
  const secrets = path.join(house.dataFolder, 'secrets');
  return Object.fromEntries(readdirSync(secrets).map((name) => [name, readFileSync(path.join(secrets, name), 'utf8')]));
}
