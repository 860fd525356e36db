import { isPublicAddress } from '../../foundation/public-address.ts';
import { roomsDomainOf } from '../prosody/config.ts';
import type { NameServers, RecordType, Said } from './name-servers.ts';

export type RecordState = 'right' | 'missing' | 'wrong' | 'unknown';

/** One row of the table that an admin brings to the domain's DNS. */
export interface DomainRecord {
  readonly type: RecordType;
  readonly name: string;
  /** What should be there; empty where any value is right, or none is needed. */
  readonly wanted: readonly string[];
  readonly found: readonly string[];
  readonly state: RecordState;
  /** False: the appliance works without it. */
  readonly required: boolean;
  /** What it is for. */
  readonly purpose: string;
  /** Why it is wrong or unknown. */
  readonly reason?: string;
}

export interface PublicPorts {
  readonly xmpp: number;
  readonly xmpps: number;
  readonly xmppServer: number;
}

/** Whom a CAA record must allow (RFC 8659): Let's Encrypt, which the edge asks first, and ZeroSSL, which it asks if that fails. */
const AUTHORITY = 'letsencrypt.org';

/** The whole table, with what is there now. */
export async function checkRecords(domain: string, names: NameServers, ports: PublicPorts): Promise<DomainRecord[]> {
  const addresses = await addressRecords(domain, names);
  const rooms = await addressRecords(roomsDomainOf(domain), names);
  const own = new Set(addresses.flatMap(({ found }) => found));
  const others = await Promise.all([
    ...services(domain, ports).map((service) => serviceRecord(domain, names, service)),
    caaRecord(domain, names),
  ]);
  return [...addresses, ...others, ...rooms.map((record) => forRooms(record, own))];
}

async function addressRecords(name: string, names: NameServers): Promise<DomainRecord[]> {
  const [v4, v6] = await Promise.all([names.ask('A', name), names.ask('AAAA', name)]);
  const row = (type: 'A' | 'AAAA', said: Said, other: Said): DomainRecord => ({
    ...{ type, name, wanted: [], found: said.values, purpose: 'where everything answers: web, IRC, XMPP, storage' },
    // One of the two is enough.
    required: type === 'A' && other.values.length === 0,
    ...addressState(said),
  });
  return [row('A', v4, v6), row('AAAA', v6, v4)];
}

function addressState({ values, failure }: Said): Pick<DomainRecord, 'state' | 'reason'> {
  if (failure) return { state: 'unknown', reason: failure };
  if (values.length === 0) return { state: 'missing' };
  const unreachable = values.filter((address) => !isPublicAddress(address));
  if (unreachable.length === 0) return { state: 'right' };
  return { state: 'wrong', reason: `${unreachable.join(', ')} cannot be reached from the internet` };
}

/** The rooms' name must lead to the same machine, if it is there at all. */
function forRooms(record: DomainRecord, own: ReadonlySet<string>): DomainRecord {
  const purpose = 'channels for people of other XMPP servers; nothing else needs it';
  const strange = record.found.filter((address) => !own.has(address));
  const base = {
    ...record,
    required: false,
    purpose,
    wanted: [...own].filter((address) => address.includes(':') === (record.type === 'AAAA')),
  };
  if (record.state === 'right' && strange.length > 0)
    return { ...base, state: 'wrong', reason: `${strange.join(', ')} is another machine` };
  return base;
}

interface Service {
  readonly label: string;
  readonly port: number;
  readonly purpose: string;
}

function services(domain: string, ports: PublicPorts): (Service & { domain: string })[] {
  return [
    { domain, label: '_xmpp-client._tcp', port: ports.xmpp, purpose: 'XMPP clients (port 5222 is what they try without it)' },
    { domain, label: '_xmpps-client._tcp', port: ports.xmpps, purpose: 'XMPP clients that begin with TLS at once' },
    { domain, label: '_xmpp-server._tcp', port: ports.xmppServer, purpose: 'other XMPP servers (port 5269 is what they try without it)' },
  ];
}

async function serviceRecord(domain: string, names: NameServers, { label, port, purpose }: Service): Promise<DomainRecord> {
  const name = `${label}.${domain}`;
  const { values, failure } = await names.ask('SRV', name);
  const isRight = values.some((value) => value.toLowerCase().replace(/\.$/, '').endsWith(` ${port} ${domain}`));
  const base = { type: 'SRV' as const, name, wanted: [`0 5 ${port} ${domain}`], found: values, required: false, purpose };
  if (failure) return { ...base, state: 'unknown', reason: failure };
  if (values.length === 0) return { ...base, state: 'missing' };
  return isRight ? { ...base, state: 'right' } : { ...base, state: 'wrong', reason: `none of them names port ${port} of ${domain}` };
}

/** The nearest CAA record above a name counts; without any, every authority may issue. */
async function caaRecord(domain: string, names: NameServers): Promise<DomainRecord> {
  const base = {
    type: 'CAA' as const,
    wanted: [`0 issue "${AUTHORITY}"`],
    required: false,
    purpose: 'who may issue certificates for the domain',
  };
  const labels = domain.split('.');
  for (let cut = 0; cut < labels.length - 1; cut++) {
    const name = labels.slice(cut).join('.');
    const { values, failure } = await names.ask('CAA', name);
    if (failure) return { ...base, name, found: [], state: 'unknown', reason: failure };
    const issuers = values.flatMap((value) => /^\d+ issue "([^";]*)/.exec(value)?.[1]?.trim() ?? []);
    if (issuers.length === 0) continue;
    if (issuers.includes(AUTHORITY)) return { ...base, name, found: values, state: 'right' };
    return { ...base, name, found: values, state: 'wrong', required: true, reason: `it forbids ${AUTHORITY} to issue a certificate` };
  }
  return { ...base, name: domain, found: [], state: 'missing' };
}
