import RemoteStorage, { type Client } from 'remotestoragejs';
import type { Drafts } from '../services/drafts.ts';
import type { Network, Preferences } from '../services/preferences.ts';
import type { Attachment } from './activity.ts';
import { api } from './api.ts';
import { put } from './upload.ts';

interface Hooks {
  onConnected: (address: string) => void;
  onDisconnected: () => void;
  onUnauthorized: () => void;
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
/** As long as a request with the token before may be on its way. */
const sharedFor = 5_000;
const settingsPath = 'chat-settings';
const draftsPath = 'chat-drafts';
const names: Record<string, string> = { 'irc.libera.chat': 'Libera.Chat', 'irc.oftc.net': 'OFTC' };

function accountOf({ id, platform, user, server, port, secure }: Network): KosmosAccount {
  const place = { hostname: server, ...(port ? { port } : {}), ...(secure === undefined ? {} : { secure }) };
  return { id, protocol: platform === 'irc' ? 'IRC' : 'XMPP', username: user, nickname: user.split('@')[0] ?? user, server: place };
}

function networkOf(account: KosmosAccount, rooms: string[]): Network {
  const { hostname, port, secure } = account.server;
  const place = { ...(port ? { port } : {}), ...(secure === undefined ? {} : { secure }) };
  const platform = account.protocol === 'IRC' ? 'irc' : 'xmpp';
  const name = names[hostname] ?? hostname;
  return { id: account.id, name, platform, server: hostname, user: account.username, usesPassword: false, rooms, ...place };
}

/** The person's storage over remotestorage.js, loaded when it is first used. */
export class OwnStorage {
  private readonly storage = new RemoteStorage({
    cache: false,
    changeEvents: { local: false, window: false, remote: false, conflict: false },
  });
  private readonly kosmos: Client;
  private readonly shares: Client;
  private known: readonly Network[] = [];
  /** What the storage has of this browser's settings. */
  private written = '';
  private renewal: Promise<void> | undefined;
  private renewedAt = 0;

  constructor(hooks: Hooks) {
    this.storage.access.claim('kosmos', 'rw');
    this.storage.access.claim('shares', 'rw');
    this.kosmos = this.storage.scope('/kosmos/');
    this.shares = this.storage.scope('/public/shares/');
    for (const type of ['account', 'channel', 'settings', 'drafts']) this.kosmos.declareType(type, { type: 'object' });
    this.storage.on('connected', () => hooks.onConnected(this.storage.remote.userAddress));
    this.storage.on('disconnected', () => {
      this.written = '';
      hooks.onDisconnected();
    });
    this.storage.on('error', ({ name }: Error) => name === 'Unauthorized' && hooks.onUnauthorized());
  }

  /** Leads away to the storage's consent page; resolves when the page is left behind, or rejects when there is no such storage. */
  connect(address: string): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.storage.on('error', (error: Error) => reject(error));
      this.storage.on('connected', resolve);
      setTimeout(resolve, patience);
      this.storage.connect(address);
    });
  }

  /** The storage of the appliance's account: control gives a token, nobody has to be asked. */
  connectOwn(): Promise<void> {
    // Each token ends the one before. Whoever asks at the same time, or was refused with the one before, shares the new one.
    if (!this.renewal || Date.now() - this.renewedAt > sharedFor) {
      this.renewedAt = Date.now();
      this.renewal = this.renew();
      this.renewal.catch(() => (this.renewal = undefined));
    }
    return this.renewal;
  }

  private async renew(): Promise<void> {
    const { address, href, token } = await api<{ address: string; href: string; token: string }>('POST', '/api/storage/token', {});
    const properties = { 'http://tools.ietf.org/html/rfc6749#section-4.2': false };
    this.storage.remote.configure({ userAddress: address, href, token, storageApi: 'draft-dejong-remotestorage-19', properties });
  }

  disconnect(): void {
    this.renewal = undefined;
    this.storage.disconnect();
  }

  /** Settings and networks as they were last written; undefined in a storage that has none. */
  async read(): Promise<Partial<Preferences> | undefined> {
    const settings = (await this.kosmos.getObject(settingsPath)) as Partial<Preferences> | undefined;
    const networks = await this.networks();
    this.known = networks;
    if (!settings && networks.length === 0) return undefined;
    return { ...settings, ...(networks.length > 0 ? { networks } : {}) };
  }

  async write(values: Preferences): Promise<void> {
    const kept = Object.entries(values).filter(([key]) => !local.has(key as keyof Preferences) && key !== 'networks');
    const written = JSON.stringify([kept, values.networks]);
    if (written === this.written) return;
    await this.kosmos.storeObject('settings', settingsPath, Object.fromEntries(kept));
    for (const network of values.networks) await this.writeNetwork(network);
    // Only what was here before: accounts of other Kosmos clients are none of ours.
    for (const gone of this.known.filter(({ id }) => !values.networks.some((network) => network.id === id))) await this.removeNetwork(gone);
    this.known = values.networks;
    this.written = written;
  }

  async readDrafts(): Promise<Drafts> {
    const kept = (await this.kosmos.getObject(draftsPath)) as { drafts?: Drafts } | undefined;
    return kept?.drafts ?? {};
  }

  async writeDrafts(drafts: Drafts): Promise<void> {
    await this.kosmos.storeObject('drafts', draftsPath, { drafts });
  }

  /** Puts a file where everybody with its address can read it. */
  async share(file: File, onProgress: (part: number) => void, cancel: AbortSignal): Promise<Attachment> {
    const url = this.shares.getItemURL(`${crypto.randomUUID().slice(0, 8)}/${file.name.replaceAll('/', '_')}`);
    if (!url) throw new Error('The storage is not connected.');
    const headers = { Authorization: `Bearer ${this.storage.remote.token}` };
    return put(file, { url, putUrl: url, headers }, onProgress, cancel);
  }

  private async networks(): Promise<Network[]> {
    const folders = (await this.names('chat/')).filter((name) => name.endsWith('/'));
    const found = await Promise.all(folders.map((folder) => this.networkIn(`chat/${folder}`)));
    return found.filter((network) => network !== undefined);
  }

  private async networkIn(folder: string): Promise<Network | undefined> {
    const account = (await this.kosmos.getObject(`${folder}account`)) as KosmosAccount | undefined;
    const rooms = await this.names(`${folder}channels/`);
    return account?.server ? networkOf(account, rooms.map(decodeURIComponent)) : undefined;
  }

  private async names(folder: string): Promise<string[]> {
    return Object.keys(((await this.kosmos.getListing(folder)) as object | undefined) ?? {});
  }

  private async writeNetwork(network: Network): Promise<void> {
    const folder = `chat/${network.id}`;
    await this.kosmos.storeObject('account', `${folder}/account`, accountOf(network));
    const before = this.known.find(({ id }) => id === network.id)?.rooms ?? [];
    for (const room of before.filter((one) => !network.rooms.includes(one))) await this.kosmos.remove(roomPath(folder, room));
    for (const room of network.rooms) {
      const channel = { id: room, accountId: network.id, displayName: room, userNickname: network.user, topic: '' };
      await this.kosmos.storeObject('channel', roomPath(folder, room), channel);
    }
  }

  private async removeNetwork({ id, rooms }: Network): Promise<void> {
    for (const room of rooms) await this.kosmos.remove(roomPath(`chat/${id}`, room));
    await this.kosmos.remove(`chat/${id}/account`);
  }
}

function roomPath(folder: string, room: string): string {
  return `${folder}/channels/${encodeURIComponent(room)}`;
}
