import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { Settings } from './settings.ts';

/** Where a server listens: a Unix socket on bare metal, host and port between containers. */
export type Address = { readonly socketPath: string } | { readonly host: string; readonly port: number };
export type TcpAddress = Extract<Address, { host: string }>;

/** Where each process finds the others. The same on bare metal and in Compose but for the addresses. */
export interface Topology {
  /** control's listener for our own programs and Ergo's auth-script. */
  readonly control: Address;
  /** control's listener for Prosody, which speaks HTTP over TCP only; guarded by the internal secret. */
  readonly controlForProsody: TcpAddress;
  readonly gateway: Address;
  readonly storage: Address;
  readonly daemon: Address;
  /** Ergo's plain listener, never public. */
  readonly ergo: TcpAddress;
  /** Prosody's HTTP: websocket, uploads and our provisioning module. */
  readonly prosodyHttp: TcpAddress;
  /** control's public HTTP, which the edge passes everything on to. */
  readonly controlHttp: TcpAddress;
  /** Where the edge takes its configuration. */
  readonly edgeAdmin: { readonly socketPath: string };
  /** Passes the few calls to the container engine that control may make; nobody answers there on bare metal. */
  readonly dockerProxy: { readonly socketPath: string };
  /** Folder of sockets and pid files; private to the user who runs the appliance. */
  readonly runFolder: string;
}

const LOOPBACK = '127.0.0.1';
/** `sun_path` holds 108 bytes (unix(7)); the longest name below takes 16 of them. */
const LONGEST_RUN_FOLDER = 90;

export function topologyOf(settings: Settings): Topology {
  const runFolder = runFolderOf(settings.dataFolder);
  return settings.driver === 'docker' ? composeTopology(settings, runFolder) : processTopology(settings, runFolder);
}

function processTopology(settings: Settings, runFolder: string): Topology {
  const socket = (name: string): Address => ({ socketPath: path.join(runFolder, `${name}.sock`) });
  return {
    control: socket('control'),
    controlForProsody: { host: LOOPBACK, port: settings.internalPort + 1 },
    gateway: socket('gateway'),
    storage: socket('storage'),
    daemon: socket('daemon'),
    ergo: settings.ergoAddress ?? { host: LOOPBACK, port: settings.ircPort },
    prosodyHttp: settings.prosodyAddress ?? { host: LOOPBACK, port: settings.internalPort },
    controlHttp: { host: LOOPBACK, port: settings.port },
    edgeAdmin: { socketPath: path.join(runFolder, 'edge.sock') },
    dockerProxy: { socketPath: path.join(runFolder, 'docker.sock') },
    runFolder,
  };
}

function composeTopology(settings: Settings, runFolder: string): Topology {
  const service = (host: string): TcpAddress => ({ host, port: 8080 });
  return {
    control: { host: 'control', port: settings.internalPort },
    controlForProsody: { host: 'control', port: settings.internalPort },
    gateway: service('gateway'),
    storage: service('storage'),
    daemon: service('daemon'),
    ergo: settings.ergoAddress ?? { host: 'ergo', port: 6667 },
    prosodyHttp: settings.prosodyAddress ?? { host: 'prosody', port: 5280 },
    controlHttp: { host: 'control', port: settings.port },
    // In volumes that only control and the other side have.
    edgeAdmin: { socketPath: path.join(settings.dataFolder, 'edge', 'admin.sock') },
    dockerProxy: { socketPath: '/run/docker-proxy/docker.sock' },
    runFolder,
  };
}

function runFolderOf(dataFolder: string): string {
  const folder = path.join(dataFolder, 'run');
  if (Buffer.byteLength(folder) <= LONGEST_RUN_FOLDER) return folder;
  const name = createHash('sha256').update(dataFolder).digest('hex').slice(0, 16);
  return path.join(os.tmpdir(), `kosmos-${process.getuid?.() ?? 0}-${name}`);
}

/** For `server.listen`. A container's own name means all of its networks, and its loopback for the health check. */
export function listenOptions(address: Address): { path: string } | { host?: string; port: number } {
  if ('socketPath' in address) return { path: address.socketPath };
  return isIP(address.host) ? { host: address.host, port: address.port } : { port: address.port };
}

export function describeAddress(address: Address): string {
  return 'socketPath' in address ? address.socketPath : `${address.host}:${address.port}`;
}
