import path from 'node:path';
import { expect, it } from 'vitest';
import { readSettings } from './settings.ts';
import { describeAddress, listenOptions, topologyOf, type Address } from './topology.ts';

const topology = (environment: Record<string, string>) => topologyOf(readSettings(environment));
const addresses = (environment: Record<string, string>): Address[] =>
  Object.values(topology(environment)).filter((value): value is Address => typeof value === 'object');
const socketsOf = (environment: Record<string, string>): string[] =>
  addresses(environment).flatMap((address) => ('socketPath' in address ? [address.socketPath] : []));

it('keeps sockets in the data folder', () => {
  expect(socketsOf({ KOSMOS_DATA: '/var/lib/kosmos' }).sort()).toEqual(
    ['control', 'daemon', 'docker', 'edge', 'gateway', 'storage'].map((name) => `/var/lib/kosmos/run/${name}.sock`),
  );
});

it('makes every socket path fit into sun_path (108 bytes with the final zero), however long the data folder is', () => {
  for (let length = 1; length < 300; length += 1) {
    for (const letter of ['a', 'ä']) {
      for (const socket of socketsOf({ KOSMOS_DATA: `/${letter.repeat(length)}` })) {
        expect(Buffer.byteLength(socket)).toBeLessThan(108);
        expect(path.isAbsolute(socket)).toBe(true);
      }
    }
  }
});

it('gives two data folders nothing in common, long or short', () => {
  const folders = ['/srv/a', '/srv/b', `/${'a'.repeat(120)}/1`, `/${'a'.repeat(120)}/2`];
  const runFolders = folders.map((folder) => topology({ KOSMOS_DATA: folder }).runFolder);
  expect(new Set(runFolders).size).toBe(folders.length);
  expect(new Set(folders.flatMap((folder) => socketsOf({ KOSMOS_DATA: folder }))).size).toBe(6 * folders.length);
});

it('finds the same run folder again', () => {
  const environment = { KOSMOS_DATA: `/${'a'.repeat(120)}` };
  expect(topology(environment).runFolder).toBe(topology(environment).runFolder);
});

it('listens inside on loopback alone, whatever the public address', () => {
  const inside = addresses({ KOSMOS_HOST: '0.0.0.0' }).flatMap((address) => ('host' in address ? [address] : []));
  expect(inside).toHaveLength(4);
  for (const { host } of inside) expect(host).toBe('127.0.0.1');
  expect(new Set(inside.map(({ port }) => port)).size).toBe(4);
});

it('names hosts between containers', () => {
  const { edgeAdmin, dockerProxy, ...rest } = topology({ KOSMOS_DRIVER: 'docker', KOSMOS_DATA: '/data' });
  for (const address of Object.values({ ...rest, runFolder: { host: '' } })) expect(address).toHaveProperty('host');
  expect([edgeAdmin.socketPath, dockerProxy.socketPath]).toEqual(['/data/edge/admin.sock', '/run/docker-proxy/docker.sock']);
});

it('puts addresses as Node wants them, and as people read them', () => {
  expect(listenOptions({ socketPath: '/run/x.sock' })).toEqual({ path: '/run/x.sock' });
  expect(listenOptions({ host: '127.0.0.1', port: 1 })).toEqual({ host: '127.0.0.1', port: 1 });
  expect(listenOptions({ host: 'control', port: 1 })).toEqual({ port: 1 });
  expect(describeAddress({ socketPath: '/run/x.sock' })).toBe('/run/x.sock');
  expect(describeAddress({ host: '127.0.0.1', port: 1 })).toBe('127.0.0.1:1');
});
