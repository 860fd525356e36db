import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { loadKey, loadSecret } from '../../../server/foundation/secrets.ts';
import { untilListening } from '../../support/ports.ts';

const PROGRAM = 'ergochat';

/** Ergo as the appliance runs it, as far as the logger meets it. */
export async function startErgo(dataFolder: string, port: number): Promise<{ stop(): Promise<void> }> {
  const folder = path.join(dataFolder, 'ergo');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, 'ircd.yaml');
  writeFileSync(file, configuration(folder, port, dataFolder));
  execFileSync(PROGRAM, ['initdb', '--conf', file, '--quiet']);
  const child: ChildProcess = spawn(PROGRAM, ['run', '--conf', file, '--quiet'], { stdio: 'ignore', cwd: folder });
  const ended = once(child, 'exit');
  await untilListening(port).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  return {
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function configuration(folder: string, port: number, dataFolder: string): string {
  const secret = loadSecret(dataFolder, 'ergo-oper');
  const hash = execFileSync(PROGRAM, ['genpasswd'], {
    input: `${secret}\n${secret}\n`,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const key = loadKey(dataFolder, 'jwt').toString('base64');
  return `
network: { name: Test }
server:
  name: irc.test
  listeners: { "127.0.0.1:${port}": {} }
  casemapping: permissive
  enforce-utf8: true
  max-sendq: 1M
  relaymsg: { enabled: true, separators: "/", available-to-chanops: false }
  ip-limits: { count: false, throttle: false }
  compatibility: { force-trailing: true, send-unprefixed-sasl: true }
accounts:
  authentication-enabled: true
  registration: { enabled: false }
  multiclient: { enabled: true, allowed-by-default: true, always-on: disabled, auto-away: disabled }
  nick-reservation: { enabled: true, method: strict, force-nick-equals-account: true }
  jwt-auth:
    enabled: true
    autocreate: true
    tokens: [{ algorithm: hmac, key: !!binary "${key}", account-claims: [account] }]
channels:
  default-modes: +nt
  max-channels-per-client: 1000
  registration: { enabled: true }
oper-classes:
  appliance: { title: Appliance, capabilities: [nofakelag, relaymsg, sajoin, samode, chanreg, history] }
opers:
  kosmos: { class: appliance, hidden: true, password: "${hash.trim().split('\n').at(-1)}" }
logging: [{ method: stderr, type: "*", level: error }]
datastore: { path: "${path.join(folder, 'ircd.db')}", autoupgrade: true }
lock-file: "${path.join(folder, 'ircd.lock')}"
limits: { nicklen: 32, identlen: 20, channellen: 210, awaylen: 390, kicklen: 390, topiclen: 390, multiline: { max-bytes: 4096, max-lines: 100 } }
fakelag: { enabled: false }
history:
  enabled: true
  channel-length: 4096
  client-length: 64
  autoreplay-on-join: 0
  chathistory-maxmessages: 1000
  restrictions: { expire-time: 1w, query-cutoff: none }
  retention: { allow-individual-delete: true }
  tagmsg-storage: { default: false, whitelist: ["+draft/react", "+draft/unreact"] }
`;
}
