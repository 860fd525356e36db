import { lookup } from 'node:dns/promises';
import net from 'node:net';
import { KosmosError, messageOf } from '../foundation/errors.ts';
import { loadKey } from '../foundation/secrets.ts';
import type { Settings } from '../foundation/settings.ts';
import { Tokens } from '../identity/tokens.ts';
import type { ComponentName } from '../components/component.ts';
import { OPERATOR, operatorPassword } from '../components/ergo/config.ts';
import { ErgoConnection } from '../components/ergo/connection.ts';
import { probeRegistration } from '../components/ergo/readiness.ts';
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

const LIMIT = 10_000;

const others = [
  {
    ...{ name: 'prosody', title: 'XMPP server (Prosody)', supported: false },
    why: 'Channels and log-ins need the appliance’s own modules in Prosody and a way from it to the control plane, which answers on this machine alone.',
  },
  {
    ...{ name: 'storage', title: 'Storage (remoteStorage)', supported: false },
    why: 'The web client and the archive’s documents use the storage of the appliance. People may connect any other storage in an app of theirs.',
  },
  { ...{ name: 'valkey', title: 'Valkey', supported: false }, why: 'Nothing needs it: one gateway holds a whole appliance.' },
];

/** Servers of others that may take the place of a component. */
export class Externals {
  readonly #settings: Settings;
  readonly #house: Pick<House, 'ergoAddress'>;

  constructor(settings: Settings, house: Pick<House, 'ergoAddress'>) {
    this.#settings = settings;
    this.#house = house;
  }

  supports(name: ComponentName): boolean {
    return name === 'ergo';
  }

  current(name: ComponentName): ExternalAddress | undefined {
    return name === 'ergo' ? this.#house.ergoAddress : undefined;
  }

  list(): External[] {
    const why =
      'An Ergo 2.15 that runs with the appliance’s data/ergo/ircd.yaml (its listener, name and data folder may differ) and reaches the control plane’s socket: on this machine, under another service manager, say.';
    const ergo = { name: 'ergo', title: 'IRC server (Ergo)', supported: true, why, current: this.current('ergo') ?? null };
    return [ergo, ...others.map((other) => ({ ...other, current: null }))];
  }

  /** Whether the server there can take the place of ours, tried hop by hop. Throws KOSMOS_ERR_EXTERNAL_REFUSED that names the hop. */
  async check(address: ExternalAddress): Promise<void> {
    const signal = AbortSignal.timeout(LIMIT);
    const { address: ip } = await hop('dns', lookup(address.host));
    await hop('connect', connect({ host: ip, port: address.port }, signal));
    await hop('protocol', probeRegistration(address, signal));
    const { token } = await new Tokens(loadKey(this.#settings.dataFolder, 'jwt')).mint(OPERATOR, 'ergo');
    const operator = { address, name: OPERATOR, token, password: operatorPassword(this.#settings) };
    const ergo = await hop('login', ErgoConnection.open(operator, signal));
    try {
      await hop('rights', mayProvision(ergo));
    } finally {
      ergo.close();
    }
  }
}

async function hop<T>(name: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const reason = messageOf(error).slice(0, 300).replace(/\.$/, '');
    throw new KosmosError('KOSMOS_ERR_EXTERNAL_REFUSED', { component: 'ergo', hop: name, reason }, { cause: error });
  }
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

/** Accounts and channels can be listed by operators with the rights that provisioning needs, and by nobody else. */
async function mayProvision(ergo: ErgoConnection): Promise<void> {
  for (const service of ['NS', 'CS']) {
    const reply = await ergo.ask(service, 'LIST');
    if (reply.refused || /privileges|not allowed|insufficient/i.test(reply.text))
      throw new Error(reply.text || `${service} LIST was refused`);
  }
}
