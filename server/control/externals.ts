import { lookup } from 'node:dns/promises';
import net from 'node:net';
import { KosmosError, messageOf } from '../foundation/errors.ts';
import { allowing } from '../foundation/public-address.ts';
import { loadKey } from '../foundation/secrets.ts';
import type { Database } from '../database/database.ts';
import { findSetting } from '../database/settings.ts';
import { BOT_NAME } from '../identity/names.ts';
import type { StorageElsewhere } from '../identity/storage-elsewhere.ts';
import { findStorageAt } from '../identity/storage-lookup.ts';
import { Tokens } from '../identity/tokens.ts';
import type { Appliance } from '../components/component.ts';
import { OPERATOR, operatorPassword } from '../components/ergo/config.ts';
import { ErgoConnection } from '../components/ergo/connection.ts';
import { probeRegistration } from '../components/ergo/readiness.ts';
import { ProsodyApi } from '../components/prosody/api.ts';
import { probeStream } from '../components/prosody/readiness.ts';
import type { House } from './services.ts';

export interface ExternalAddress {
  readonly host: string;
  readonly port: number;
}

export interface External {
  readonly name: string;
  readonly title: string;
  readonly supported: boolean;
  /** What it needs, or why it cannot be. */
  readonly why: string;
  readonly current: ExternalAddress | null;
}

export type ExternalName = 'ergo' | 'prosody' | 'storage';
type Hop = 'dns' | 'connect' | 'protocol' | 'login' | 'rights';

const LIMIT = 10_000;
const HTTPS = 443;

const supported: Readonly<Record<ExternalName, Pick<External, 'title' | 'why'>>> = {
  ergo: {
    title: 'IRC server (Ergo)',
    why: 'An Ergo 2.15 with the appliance’s data/ergo/ircd.yaml (its listeners, name and data folder may differ) that reaches the control plane’s socket: on this machine, under another service manager, say. Give its plain port. Another IRC server cannot do it: it takes no accounts, keeps no private channel private and lets nobody’s name be trusted.',
  },
  prosody: {
    title: 'XMPP server (Prosody)',
    why: 'A Prosody 0.12 or 13 with the appliance’s data/prosody/prosody.cfg.lua and modules (its ports and data folder may differ) that reaches the control plane’s internal port: on this machine, say. Give its HTTP port. Its channels become those of the appliance: others are removed. Another XMPP server cannot do it: it takes neither accounts nor channels from here.',
  },
  storage: {
    title: 'Storage (remoteStorage)',
    why: 'Any remoteStorage server that knows people by the same names. Accounts made from now on have their storage there, as name@host; those that are here keep theirs, and everybody may choose another in their settings. Your own name is looked up there first. The archive’s documents stay here.',
  },
};
const valkey: External = {
  ...{ name: 'valkey', title: 'Valkey', supported: false, current: null },
  why: 'Not used: on one machine a single gateway holds everybody, so there is nothing to share between gateways.',
};

/** Servers of others that may take the place of a component. */
export class Externals {
  readonly #house: Pick<House, 'appliance'>;
  readonly #database: Database;

  constructor(house: Pick<House, 'appliance'>, database: Database) {
    this.#house = house;
    this.#database = database;
  }

  supports(name: string): name is ExternalName {
    return name in supported;
  }

  /** Of a component whose program is then not ours; people's storage elsewhere takes nobody's place. */
  current(name: string): ExternalAddress | undefined {
    const { ergoAddress, prosodyAddress } = this.#house.appliance.settings;
    return name === 'ergo' ? ergoAddress : name === 'prosody' ? prosodyAddress : undefined;
  }

  async list(): Promise<External[]> {
    const storage = await findSetting(this.#database, 'newStorage');
    const entries = Object.entries(supported).map(([name, { title, why }]) => {
      const current = (name === 'storage' ? storage : this.current(name)) ?? null;
      return { name, title, supported: true, why, current };
    });
    return [...entries, valkey];
  }

  /**
   * Whether the server there can take the place of ours, tried hop by hop; `name` is who asks, for a storage.
   * Throws KOSMOS_ERR_EXTERNAL_REFUSED that names the hop.
   */
  async check(component: ExternalName, address: ExternalAddress, name: string): Promise<void> {
    const signal = AbortSignal.timeout(LIMIT);
    const hop = tryingFor(component);
    const { address: ip } = await hop('dns', () => lookup(address.host));
    await hop('connect', () => connect({ host: ip, port: address.port }, signal));
    if (component === 'storage') await hop('protocol', () => findStorageOf(name, address));
    else await (component === 'ergo' ? checkErgo : checkProsody)(this.#house.appliance, address, hop, signal);
  }
}

/** The storage of an account of that name there, which may be in the own network: an admin named the place. Throws what the look-up does. */
export function findStorageOf(name: string, { host, port }: ExternalAddress): Promise<StorageElsewhere> {
  const inner = new Set([`${host}:${port}`]);
  const address = port === HTTPS ? `${name}@${host}` : `${name}@${host}:${port}`;
  return findStorageAt(address, { findAddresses: allowing(inner), inner });
}

type Try = <T>(hop: Hop, work: () => Promise<T>) => Promise<T>;

function tryingFor(component: ExternalName): Try {
  return async (hop, work) => {
    try {
      return await work();
    } catch (error) {
      const reason = messageOf(error).slice(0, 300).replace(/\.$/, '');
      throw new KosmosError('KOSMOS_ERR_EXTERNAL_REFUSED', { component, hop, reason }, { cause: error });
    }
  };
}

function connect(address: ExternalAddress, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ ...address, signal });
    socket.on('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.on('error', reject);
  });
}

async function checkErgo({ settings }: Appliance, address: ExternalAddress, hop: Try, signal: AbortSignal): Promise<void> {
  await hop('protocol', () => probeRegistration(address, signal));
  const { token } = await new Tokens(loadKey(settings.dataFolder, 'jwt')).mint(OPERATOR, 'ergo');
  const operator = { address, name: OPERATOR, token, password: operatorPassword(settings) };
  const ergo = await hop('login', () => ErgoConnection.open(operator, signal));
  try {
    await hop('rights', () => mayProvision(ergo));
  } finally {
    ergo.close();
  }
}

/** Accounts and channels can be listed by operators with the rights that provisioning needs, and by nobody else. */
async function mayProvision(ergo: ErgoConnection): Promise<void> {
  for (const service of ['NS', 'CS']) {
    const reply = await ergo.ask(service, 'LIST');
    if (reply.refused || /privileges|not allowed|insufficient/i.test(reply.text))
      throw new Error(reply.text || `${service} LIST was refused`);
  }
}

/** Log-ins there are asked of control, and rooms and accounts are set by our module with our secret. */
async function checkProsody(appliance: Appliance, address: ExternalAddress, hop: Try, signal: AbortSignal): Promise<void> {
  const { settings, topology, domain } = appliance;
  await hop('protocol', () => probeStream(address, domain, signal));
  const { token } = await new Tokens(loadKey(settings.dataFolder, 'jwt')).mint(BOT_NAME, 'prosody');
  await hop('rights', () => new ProsodyApi({ ...appliance, topology: { ...topology, prosodyHttp: address } }).checkHealth(LIMIT));
  await hop('login', () => probeStream(address, domain, signal, { name: BOT_NAME, token }));
}
