import type { Static } from '@fastify/type-provider-typebox';
import { KosmosError } from '../../../foundation/errors.ts';
import { parseDomain } from '../../../foundation/settings.ts';
import { storeSetting } from '../../../database/settings.ts';
import { MARK_PATH } from '../../../components/edge/reachability.ts';
import { recordAct, type Doer } from '../../../teams/acts.ts';
import { checkMay } from '../../../teams/policies.ts';
import type { App } from '../../app-type.ts';
import { getCaller } from '../../caller.ts';
import { doerOf } from '../../doer.ts';
import { examineDomain, markOf } from '../../domain.ts';
import type { Services } from '../../services.ts';
import { changeDomainSchema, domainSchema } from './schema.ts';

const looks = { rateLimit: { max: 60, timeWindow: 60_000 } };

export function domainRoutes(app: App, services: Services): void {
  app.get('/api/domain', { schema: domainSchema, config: looks }, async (request) => {
    checkMay(getCaller(request), 'administer the appliance');
    return examineDomain(services);
  });

  app.put('/api/domain', { schema: changeDomainSchema, config: looks }, async (request) => {
    checkMay(getCaller(request), 'administer the appliance');
    await change(services, request.body, doerOf(request));
    await services.house.refresh();
    return examineDomain(services);
  });

  const mark = markOf(services.settings);
  app.get(MARK_PATH, { schema: { hide: true } }, (_, reply) => reply.type('text/plain').send(mark));
}

async function change(services: Services, wanted: Static<typeof changeDomainSchema.body>, by: Doer): Promise<void> {
  const { settings, house, outbox } = services;
  const domain = wanted.domain === undefined ? house.domain : parseDomain(wanted.domain);
  if (domain === undefined) throw new KosmosError('KOSMOS_ERR_DOMAIN_INVALID', { domain: (wanted.domain ?? '').slice(0, 100) });
  const isNew = domain !== house.domain;
  if (isNew && settings.domain !== undefined) throw new KosmosError('KOSMOS_ERR_DOMAIN_FIXED', { domain: settings.domain });
  await outbox.change(async (change) => {
    await recordAct(change, by, { action: 'domain.change', target: domain, details: { staging: wanted.staging } });
    if (wanted.staging !== undefined) await storeSetting(change.queries, 'acmeStaging', wanted.staging);
    if (!isNew) return;
    await storeSetting(change.queries, 'domain', domain);
    await change.emit({ type: 'domain-changed', domain });
  });
}
