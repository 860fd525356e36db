import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { compareSync } from 'bcryptjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createLogger } from '../../foundation/logging.ts';
import { loadKey, loadSecret } from '../../foundation/secrets.ts';
import { readSettings } from '../../foundation/settings.ts';
import { topologyOf } from '../../foundation/topology.ts';
import type { Appliance } from '../component.ts';
import { ergo } from './component.ts';
import { ergoPaths, renderConfig } from './config.ts';
import { fitTopic } from './wanted.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'kosmos-ergo-config-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function applianceWith(environment: Record<string, string> = {}, domain = 'chat.example.org'): Appliance {
  const settings = readSettings({ KOSMOS_DATA: folder, ...environment });
  const certificate = { certificateFile: path.join(folder, 'certificate.pem'), keyFile: path.join(folder, 'key.pem') };
  writeFileSync(certificate.certificateFile, 'first');
  // No part of the configuration comes from the database.
  const database = undefined as unknown as Appliance['database'];
  return { settings, topology: topologyOf(settings), domain, database, logger: createLogger('test', 'silent'), certificate };
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the document is Ergo's, not ours
function rendered(appliance: Appliance): any {
  return parse(renderConfig(appliance), { customTags: ['binary'] });
}

describe('renderConfig', () => {
  it('keeps strangers out: SASL for everybody, no registration, channels by operators', () => {
    const { accounts, channels, server } = rendered(applianceWith());
    expect(accounts['require-sasl']).toEqual({ enabled: true, exempted: [] });
    expect(accounts.registration.enabled).toBe(false);
    expect(accounts['advertise-scram']).toBe(false);
    expect(channels['operator-only-creation']).toBe(true);
    expect(channels.registration['operator-only']).toBe(true);
    expect(server['ip-limits']).toMatchObject({ count: true, throttle: true, exempted: ['localhost'] });
    expect(server.relaymsg['available-to-chanops']).toBe(false);
  });

  it('speaks plain IRC on loopback only, and TLS on the public address', () => {
    const { server } = rendered(applianceWith({ KOSMOS_HOST: '::', KOSMOS_IRC_PORT: '7000', KOSMOS_IRCS_PORT: '7001' }));
    expect(Object.keys(server.listeners)).toEqual(['127.0.0.1:7000', '[::]:7001']);
    expect(server.listeners['127.0.0.1:7000']).toEqual({});
    expect(server.listeners['[::]:7001'].tls).toEqual({ cert: path.join(folder, 'certificate.pem'), key: path.join(folder, 'key.pem') });
  });

  it('holds the key of tokens as it is, and of the operator’s password a hash that stays the same', () => {
    const appliance = applianceWith();
    const { accounts, opers } = rendered(appliance);
    expect(Buffer.from(accounts['jwt-auth'].tokens[0].key as Uint8Array)).toEqual(loadKey(folder, 'jwt'));
    expect(compareSync(loadSecret(folder, 'ergo-oper'), opers.kosmos.password as string)).toBe(true);
    expect(renderConfig(appliance)).toBe(renderConfig(appliance));
    expect(renderConfig(appliance)).not.toContain(loadSecret(folder, 'ergo-oper'));
  });

  it('gives the auth-script paths, not secrets', () => {
    const appliance = applianceWith();
    const { command, args } = rendered(appliance).accounts['auth-script'] as { command: string; args: string[] };
    expect(command).toBe(process.execPath);
    expect(args.slice(1)).toEqual([path.join(folder, 'run', 'control.sock'), path.join(folder, 'secrets', 'internal')]);
    expect(readFileSync(args[0] ?? '', 'utf8')).toContain('auth-script');
  });

  it('keeps everything in the data folder, and the level of logs as set', () => {
    const { datastore, logging, server, ...rest } = rendered(applianceWith({ KOSMOS_LOG_LEVEL: 'trace' }));
    expect([datastore.path, rest['lock-file'], server.motd].every((file: string) => file.startsWith(path.join(folder, 'ergo')))).toBe(true);
    expect(logging).toEqual([{ method: 'stderr', type: '* -userinput -useroutput', level: 'debug' }]);
  });

  it('trusts the nets of containers between containers only', () => {
    const inside = rendered(applianceWith({ KOSMOS_DRIVER: 'docker' })).server;
    expect(Object.keys(inside.listeners)).toEqual([':6667', '127.0.0.1:6697']);
    expect(inside['ip-limits'].exempted).toContain('172.16.0.0/12');
    expect(rendered(applianceWith()).server['secure-nets']).toEqual([]);
  });
});

describe('configure', () => {
  it('writes a file for nobody else’s eyes, once', () => {
    const appliance = applianceWith();
    expect(ergo.configure(appliance)).toBe('restart');
    expect(ergo.configure(appliance)).toBe('none');
    expect(statSync(ergoPaths(appliance.settings).config).mode & 0o777).toBe(0o600);
    expect(statSync(ergoPaths(appliance.settings).folder).mode & 0o777).toBe(0o700);
  });

  it('asks for a restart where Ergo cannot reload, and for a reload elsewhere', () => {
    ergo.configure(applianceWith());
    expect(ergo.configure(applianceWith({ KOSMOS_LOG_LEVEL: 'debug' }))).toBe('reload');
    expect(ergo.configure(applianceWith({ KOSMOS_LOG_LEVEL: 'debug', KOSMOS_IRCS_PORT: '7001' }))).toBe('reload');
    expect(ergo.configure(applianceWith({}, 'other.example.org'))).toBe('restart');
  });

  it('asks for a reload when the certificate was renewed', () => {
    const appliance = applianceWith();
    ergo.configure(appliance);
    writeFileSync(appliance.certificate.certificateFile, createHash('sha256').digest('hex'));
    expect(ergo.configure(appliance)).toBe('reload');
  });
});

describe('fitTopic', () => {
  it('makes one line of it', () => {
    expect(fitTopic(' One\r\ntwo\t\u0000three ', 'c')).toBe('One two three');
  });

  it('cuts between characters', () => {
    expect(fitTopic('é'.repeat(300), 'c')).toBe('é'.repeat(195));
    expect(fitTopic('é'.repeat(300), '語'.repeat(40))).toBe('é'.repeat(140));
    expect(fitTopic(`a${'👍'.repeat(100)}`, 'c')).toBe(`a${'👍'.repeat(97)}`);
  });
});

it('is a program that this machine has', () => {
  expect(execFileSync('ergochat', ['--version'], { encoding: 'utf8' })).toContain('ergo-2');
});
