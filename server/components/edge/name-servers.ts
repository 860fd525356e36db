import type { CaaRecord } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';

export type RecordType = 'A' | 'AAAA' | 'SRV' | 'CAA';

/** What a zone's own servers say to one question. `failure` tells why there is no answer; an empty list is an answer. */
export interface Said {
  readonly values: readonly string[];
  readonly failure?: string;
}

export interface NameServerOptions {
  /** Asked for the way to the zone's servers: the machine's own, unless a test has others. */
  readonly first?: readonly string[];
  /** Of the zone's servers. */
  readonly port?: number;
}

const LIMIT = { timeout: 2_500, tries: 2 };
/** Not answers of “no such thing” but of no answer at all. */
const failures: Readonly<Record<string, string>> = {
  ETIMEOUT: 'they did not answer in time',
  ECONNREFUSED: 'they refuse connections',
  ESERVFAIL: 'they answer with a failure (SERVFAIL)',
  EREFUSED: 'they refuse to answer for this name',
  ECANCELLED: 'they did not answer in time',
};
const nothing = new Set(['ENOTFOUND', 'ENODATA']);

/** Asks the servers that are responsible for a zone, so that no cache on the way gives an old answer. */
export class NameServers {
  /** The zone's servers, for people. Empty: none could be found. */
  readonly servers: readonly string[];
  readonly #resolver: Resolver | undefined;

  /** Finds the servers of the zone that the domain is in. Throws nothing: what was not found shows in `servers`. */
  static async of(domain: string, options: NameServerOptions = {}): Promise<NameServers> {
    const first = new Resolver(LIMIT);
    if (options.first) first.setServers(options.first);
    const labels = domain.split('.');
    for (let cut = 0; cut < labels.length - 1; cut++) {
      const names = await first.resolveNs(labels.slice(cut).join('.')).catch(() => []);
      if (names.length === 0) continue;
      const addresses = (await Promise.all(names.map((name) => addressesOf(first, name)))).flat();
      if (addresses.length > 0) return new NameServers(names, addresses, options.port ?? 53);
    }
    return new NameServers([], [], 53);
  }

  private constructor(servers: readonly string[], addresses: readonly string[], port: number) {
    this.servers = servers;
    if (addresses.length === 0) return;
    this.#resolver = new Resolver(LIMIT);
    this.#resolver.setServers(addresses.map((address) => (isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`)));
  }

  async ask(type: RecordType, name: string): Promise<Said> {
    if (!this.#resolver) return { values: [], failure: 'no name server is responsible for this domain' };
    try {
      return { values: await lookUp(this.#resolver, type, name) };
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      return nothing.has(code) ? { values: [] } : { values: [], failure: failures[code] ?? code };
    }
  }
}

async function lookUp(resolver: Resolver, type: RecordType, name: string): Promise<string[]> {
  switch (type) {
    case 'A':
      return (await resolver.resolve4(name)).sort();
    case 'AAAA':
      return (await resolver.resolve6(name)).sort();
    case 'SRV':
      return (await resolver.resolveSrv(name)).map((found) => `${found.priority} ${found.weight} ${found.port} ${found.name}`).sort();
    case 'CAA':
      return (await resolver.resolveCaa(name)).map(describeCaa).sort();
  }
}

function describeCaa({ critical, ...properties }: CaaRecord): string {
  const [property = ['', '']] = Object.entries(properties).filter(([name]) => name !== 'type');
  return `${critical} ${property[0]} "${property[1]}"`;
}

async function addressesOf(resolver: Resolver, name: string): Promise<string[]> {
  const both = [resolver.resolve4(name), resolver.resolve6(name)].map((found) => found.catch((): string[] => []));
  return (await Promise.all(both)).flat();
}
