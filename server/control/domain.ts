import { createHash, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { Static } from '@fastify/type-provider-typebox';
import { KosmosError } from '../foundation/errors.ts';
import { loadSecret } from '../foundation/secrets.ts';
import type { Settings } from '../foundation/settings.ts';
import { findSetting } from '../database/settings.ts';
import { findAcmeFailure } from '../components/edge/acme-log.ts';
import { isPublicDomain } from '../components/edge/config.ts';
import { organisationOf, periodOf } from '../components/edge/issued.ts';
import { NameServers, type NameServerOptions } from '../components/edge/name-servers.ts';
import { expiryProblem, problemsOf } from '../components/edge/problems.ts';
import { reach, type PortReach } from '../components/edge/reachability.ts';
import { checkRecords, type DomainRecord } from '../components/edge/records.ts';
import type { Services } from './services.ts';
import type { DomainBody } from './routes/domain/schema.ts';

type Examined = Static<typeof DomainBody>;

/** By this the appliance knows itself again at an address. It tells nothing of the secret that it is made of. */
export function markOf(settings: Pick<Settings, 'dataFolder'>): string {
  return createHash('sha256')
    .update(`mark ${loadSecret(settings.dataFolder, 'internal')}`)
    .digest('base64url');
}

/** Everything between the domain and its certificate, looked at now. Takes some seconds where something does not answer. */
export async function examineDomain(services: Services, options: NameServerOptions = {}): Promise<Examined> {
  const { settings, house, database } = services;
  const { domain } = house;
  const certificate = readCertificate(house.certificate.certificateFile);
  const base = {
    ...{ domain, fixed: settings.domain !== undefined, staging: (await findSetting(database, 'acmeStaging')) ?? false },
    ...(certificate && { certificate: presentCertificate(certificate) }),
  };
  const nothing = { nameServers: [], records: [], ports: [] };
  const isPrivate = !isPublicDomain(domain) && settings.acmeDirectory === undefined;
  if (isPrivate) return { ...base, ...nothing, problems: [new KosmosError('KOSMOS_ERR_DOMAIN_PRIVATE', { domain }).toJSON()] };

  const names = await NameServers.of(domain, options);
  const records = await checkRecords(domain, names, { xmpp: settings.xmppPort, xmpps: 5223, xmppServer: 5269 });
  const ports = settings.edge ? await reachAll(services, records) : [];
  const problems = problemsOf(domain, names.servers, records, ports);
  if (!settings.edge) problems.unshift(new KosmosError('KOSMOS_ERR_DOMAIN_NO_EDGE'));
  problems.push(...certificateProblems(settings, domain, certificate));
  return {
    ...base,
    nameServers: [...names.servers],
    records: records.map(presentRecord),
    ports,
    problems: problems.map((problem) => problem.toJSON()),
  };
}

function reachAll({ settings, house: { domain } }: Services, records: readonly DomainRecord[]): Promise<PortReach[]> {
  const addresses = records.filter(({ name, type }) => name === domain && (type === 'A' || type === 'AAAA')).flatMap(({ found }) => found);
  const mark = markOf(settings);
  return Promise.all(
    addresses
      .slice(0, 8)
      .flatMap((address) => [
        reach({ domain, address, port: 80, isTls: false, mark }),
        reach({ domain, address, port: 443, isTls: true, mark }),
      ]),
  );
}

function certificateProblems(settings: Settings, domain: string, certificate: X509Certificate | undefined): KosmosError[] {
  const isOurs = certificate === undefined || certificate.issuer === certificate.subject;
  const expires = isOurs ? undefined : expiryProblem(domain, periodOf(certificate));
  const failure = isOurs || expires ? findAcmeFailure(settings, domain) : undefined;
  return [failure, expires].filter((problem) => problem !== undefined);
}

function readCertificate(file: string): X509Certificate | undefined {
  return existsSync(file) ? new X509Certificate(readFileSync(file)) : undefined;
}

function presentCertificate(certificate: X509Certificate): NonNullable<Examined['certificate']> {
  const { validFrom, validTo } = periodOf(certificate);
  const selfSigned = certificate.issuer === certificate.subject;
  return { issuer: organisationOf(certificate), validFrom: validFrom.toISOString(), validTo: validTo.toISOString(), selfSigned };
}

function presentRecord(record: DomainRecord): Examined['records'][number] {
  return { ...record, wanted: [...record.wanted], found: [...record.found] };
}
