import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { findFreePort } from '../../support/ports.ts';
import { ServerProcess } from './process.ts';

export interface Ergo {
  readonly port: number;
  readonly tlsPort: number;
  readonly pid: number;
  /** PEM of the certificate, which signs itself, for `localhost`. */
  readonly certificate: string;
  /** Kills it as a crash would. */
  kill(): Promise<void>;
  /** Starts it again; channels and history are gone, as they are kept in memory. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A real Ergo that takes tokens signed with `key` (SASL IRCV3BEARER) and knows everything that the gateway asks for. */
export async function startErgo(folder: string, port: number, key: Buffer): Promise<Ergo> {
  mkdirSync(folder, { recursive: true });
  const keyFile = path.join(folder, 'jwt.key');
  const config = path.join(folder, 'ircd.yaml');
  writeFileSync(keyFile, key, { mode: 0o600 });
  const tlsPort = await findFreePort();
  const certificate = makeCertificate(folder, 'server', 'localhost').cert;
  writeFileSync(config, configuration(folder, port, tlsPort, keyFile));
  rmSync(path.join(folder, 'ircd.db'), { force: true });
  execFileSync('ergochat', ['initdb', '--conf', config, '--quiet']);
  const launch = (): Promise<ServerProcess> => ServerProcess.start('ergochat', ['run', '--conf', config, '--quiet'], port);
  let server = await launch();
  return {
    port,
    tlsPort,
    certificate,
    get pid() {
      return server.pid;
    },
    kill: () => server.stop('SIGKILL'),
    start: async () => void (server = await launch()),
    stop: () => server.stop(),
  };
}

/** Makes an account on it (https://ircv3.net/specs/extensions/account-registration, draft). */
export async function registerAt(port: number, nick: string, password: string, ...further: string[]): Promise<void> {
  const socket = net.connect(port, '127.0.0.1');
  socket.write(`NICK ${nick}\r\nUSER u 0 * :u\r\nREGISTER * * :${password}\r\n`);
  for (const line of further) socket.write(`${line}\r\n`);
  socket.write('PING done\r\n');
  let text = '';
  while (!text.includes('done')) text += String((await once(socket, 'data'))[0]);
  if (!text.includes('SUCCESS')) throw new Error(text);
  socket.destroy();
}

/** A certificate that signs itself, and its key, as PEM. */
export function makeCertificate(folder: string, file: string, name: string): { cert: string; key: string } {
  const [cert, key] = [path.join(folder, `${file}.crt`), path.join(folder, `${file}.key`)];
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', ...kind, ...subject, '-out', cert, '-keyout', key], { stdio: 'ignore' });
  return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
}

function configuration(folder: string, port: number, tlsPort: number, keyFile: string): string {
  return `network: { name: Test }
server:
  name: irc.test
  listeners:
    "127.0.0.1:${port}": {}
    "127.0.0.1:${tlsPort}": { tls: { cert: ${path.join(folder, 'server.crt')}, key: ${path.join(folder, 'server.key')} } }
  casemapping: ascii
  enforce-utf8: true
  lookup-hostnames: false
  forward-confirm-hostnames: false
  check-ident: false
  coerce-ident: '~u'
  max-sendq: 4M
  relaymsg: { enabled: false }
  compatibility: { force-trailing: true, send-unprefixed-sasl: true, allow-truncation: false }
  ip-limits: { count: false, throttle: false, exempted: ["localhost", "127.0.0.1/8"] }
  ip-cloaking: { enabled: true, enabled-for-always-on: true, netname: irc, cidr-len-ipv4: 32, cidr-len-ipv6: 64, num-bits: 0 }
accounts:
  authentication-enabled: true
  registration: { enabled: true, allow-before-connect: true, bcrypt-cost: 4, throttling: { enabled: false } }
  advertise-scram: true
  login-throttling: { enabled: false }
  require-sasl: { enabled: false }
  nick-reservation: { enabled: true, method: strict, force-nick-equals-account: true }
  multiclient: { enabled: true, allowed-by-default: true, always-on: disabled, auto-away: disabled }
  jwt-auth:
    enabled: true
    autocreate: true
    tokens: [{ algorithm: hmac, key-file: ${keyFile}, account-claims: [account] }]
channels:
  default-modes: +nt
  max-channels-per-client: 100
  registration: { enabled: true }
limits:
  nicklen: 32
  identlen: 20
  channellen: 64
  awaylen: 390
  kicklen: 390
  topiclen: 390
  monitor-entries: 100
  whowas-entries: 100
  chan-list-modes: 60
  registration-messages: 1024
  multiline: { max-bytes: 4096, max-lines: 100 }
fakelag: { enabled: false }
datastore: { path: ${path.join(folder, 'ircd.db')}, autoupgrade: true }
lock-file: ${path.join(folder, 'ircd.lock')}
languages: { enabled: false }
history:
  enabled: true
  channel-length: 4096
  client-length: 512
  chathistory-maxmessages: 1000
  autoresize-window: 3d
  restrictions: { expire-time: 1w, query-cutoff: none, grace-period: 1h }
  retention: { allow-individual-delete: true, enable-account-indexing: false }
  tagmsg-storage: { default: false, whitelist: ["+draft/react", "+draft/unreact"] }
logging: [{ method: stderr, type: "*", level: error }]
`;
}
