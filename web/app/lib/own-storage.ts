import RemoteStorage from 'remotestoragejs';
import type { Network, Preferences } from '../services/preferences.ts';
import type { Attachment } from './activity.ts';
import { put } from './upload.ts';

interface Hooks {
  onConnected: (address: string) => void;
  onDisconnected: () => void;
}

export interface OwnStorage {
  connect(address: string): Promise<void>;
  disconnect(): void;
  read(): Promise<Partial<Preferences> | undefined>;
  write(values: Preferences): Promise<void>;
  share(file: File, onProgress: (part: number) => void, cancel: AbortSignal): Promise<Attachment>;
}

/** An account as the kosmos module keeps it: other Kosmos clients read and write the same. */
interface KosmosAccount {
  id: string;
  protocol: 'IRC' | 'XMPP';
  username: string;
  nickname: string;
  server: { hostname: string; port?: number; secure?: boolean };
}

/** Bookkeeping of this browser only. */
const local = new Set<keyof Preferences>(['markers', 'lastPlace', 'desktopNotes']);
const patience = 15_000;

function accountOf({ id, platform, user, server, port, secure }: Network): KosmosAccount {
  const place = { hostname: server, ...(port ? { port } : {}), ...(secure === undefined ? {} : { secure }) };
  return { id, protocol: platform === 'irc' ? 'IRC' : 'XMPP', username: user, nickname: user.split('@')[0] ?? user, server: place };
}

function networkOf(account: KosmosAccount, rooms: string[]): Network {
  const { hostname, port, secure } = account.server;
  const place = { ...(port ? { port } : {}), ...(secure === undefined ? {} : { secure }) };
  const platform = account.protocol === 'IRC' ? 'irc' : 'xmpp';
  return { id: account.id, name: hostname, platform, server: hostname, user: account.username, usesPassword: false, rooms, ...place };
}

/** The person's storage over remotestorage.js, loaded when it is first used. */
export async function openOwnStorage(hooks: Hooks): Promise<OwnStorage> {
  const storage = new RemoteStorage({ cache: false, changeEvents: { local: false, window: false, remote: false, conflict: false } });
  storage.access.claim('kosmos', 'rw');
  storage.access.claim('shares', 'rw');
  const kosmos = storage.scope('/kosmos/');
  const shares = storage.scope('/public/shares/');

  const accounts = async (): Promise<Network[]> => {
    const listing = (await kosmos.getListing('chat/')) as Record<string, unknown> | undefined;
    const ids = Object.keys(listing ?? {}).filter((name) => name.endsWith('/'));
    const found = await Promise.all(
      ids.map(async (folder) => {
        const account = (await kosmos.getObject(`chat/${folder}account`)) as KosmosAccount | undefined;
        const rooms = (await kosmos.getListing(`chat/${folder}channels/`)) as Record<string, unknown> | undefined;
        return account?.server ? networkOf(account, Object.keys(rooms ?? {}).map(decodeURIComponent)) : undefined;
      }),
    );
    return found.filter((network) => network !== undefined);
  };

  const writeNetwork = async (network: Network): Promise<void> => {
    const folder = `chat/${network.id}`;
    await kosmos.storeObject('account', `${folder}/account`, accountOf(network));
    for (const room of network.rooms) {
      const channel = { id: room, accountId: network.id, displayName: room, userNickname: network.user, topic: '' };
      await kosmos.storeObject('channel', `${folder}/channels/${encodeURIComponent(room)}`, channel);
    }
  };

  kosmos.declareType('account', { type: 'object' });
  kosmos.declareType('channel', { type: 'object' });
  kosmos.declareType('settings', { type: 'object' });
  storage.on('connected', () => hooks.onConnected(storage.remote.userAddress));
  storage.on('disconnected', hooks.onDisconnected);

  return {
    async connect(address) {
      await new Promise<void>((resolve, reject) => {
        storage.on('error', (error: Error) => reject(error));
        storage.on('connected', resolve);
        setTimeout(resolve, patience);
        storage.connect(address);
      });
    },
    disconnect: () => storage.disconnect(),
    async read() {
      const settings = (await kosmos.getObject('chat-settings')) as Partial<Preferences> | undefined;
      const networks = await accounts();
      if (!settings && networks.length === 0) return undefined;
      return { ...settings, ...(networks.length > 0 ? { networks } : {}) };
    },
    async write(values) {
      const settings = Object.fromEntries(Object.entries(values).filter(([key]) => !local.has(key as keyof Preferences) && key !== 'networks'));
      await kosmos.storeObject('settings', 'chat-settings', settings);
      for (const network of values.networks) await writeNetwork(network);
    },
    async share(file, onProgress, cancel) {
      const name = `${crypto.randomUUID().slice(0, 8)}/${encodeURIComponent(file.name)}`;
      const url = shares.getItemURL(name);
      if (!url) throw new Error('The storage is not connected.');
      const headers = { Authorization: `Bearer ${storage.remote.token}` };
      return put(file, { url, putUrl: url, headers }, onProgress, cancel);
    },
  };
}
