import { Type } from '@fastify/type-provider-typebox';
import { KosmosError } from '../../../foundation/errors.ts';
import { findSetting, storeSetting } from '../../../database/settings.ts';
import { recordAct } from '../../../teams/acts.ts';
import { checkMay } from '../../../teams/policies.ts';
import type { App } from '../../app-type.ts';
import { getCaller } from '../../caller.ts';
import { doerOf } from '../../doer.ts';
import type { ExternalAddress, ExternalName } from '../../externals.ts';
import { Nullable } from '../../presenters.ts';
import type { Services } from '../../services.ts';
import { answers, Exactly, Key } from '../shared.ts';
import type { FastifyRequest } from 'fastify';

const ExternalBody = Type.Object({
  name: Type.String(),
  title: Type.String(),
  supported: Type.Boolean(),
  why: Type.String({ description: 'What it needs, or why it cannot be' }),
  current: Nullable(Type.Object({ host: Type.String(), port: Type.Integer() })),
});

const externalsSchema = {
  summary: 'Which components a server of somebody else’s may take the place of',
  response: answers(
    200,
    Type.Object({
      externals: Type.Array(ExternalBody),
      database: Type.Object({ kind: Type.Enum(['sqlite', 'postgres']), address: Type.String(), readOnly: Type.Boolean() }),
    }),
  ),
};

const useExternalSchema = {
  summary: 'Use a server of somebody else’s in a component’s place, if it can be used',
  params: Exactly({ name: Key }),
  body: Exactly({
    host: Type.String({ pattern: '^[\\w.:-]{1,253}$' }),
    port: Type.Integer({ minimum: 1, maximum: 65_535 }),
  }),
  response: answers(200, ExternalBody),
};

const useOwnSchema = { summary: 'Run the component ourselves again', params: Exactly({ name: Key }), response: answers(200, ExternalBody) };

export function externalRoutes(app: App, services: Services): void {
  const { externals, settings } = services;

  app.get('/api/admin/externals', { schema: externalsSchema }, async (request) => {
    checkMay(getCaller(request), 'run the components');
    const url = settings.databaseUrl === undefined ? undefined : new URL(settings.databaseUrl);
    const address = url ? `${url.host}${url.pathname}` : 'data/kosmos.db';
    return { externals: await externals.list(), database: { kind: url ? 'postgres' : 'sqlite', address, readOnly: true } } as const;
  });

  app.put('/api/admin/externals/:name', { schema: useExternalSchema }, async (request) => {
    checkMay(getCaller(request), 'run the components');
    const name = await getSupported(services, request.params.name);
    await externals.check(name, request.body, getCaller(request).account.name);
    return useAddress(services, request, name, request.body);
  });

  app.delete('/api/admin/externals/:name', { schema: useOwnSchema }, async (request) => {
    checkMay(getCaller(request), 'run the components');
    return useAddress(services, request, await getSupported(services, request.params.name), undefined);
  });
}

async function getSupported({ externals }: Services, name: string): Promise<ExternalName> {
  if (externals.supports(name)) return name;
  const found = (await externals.list()).find((external) => external.name === name);
  if (!found) throw new KosmosError('KOSMOS_ERR_COMPONENT_NOT_FOUND', { component: name.slice(0, 40) });
  throw new KosmosError('KOSMOS_ERR_EXTERNAL_REFUSED', { component: name, hop: 'rights', reason: found.why });
}

async function useAddress(services: Services, request: FastifyRequest, name: ExternalName, address: ExternalAddress | undefined) {
  await services.outbox.change(async (change) => {
    const before = (await findSetting(change.queries, 'externals')) ?? {};
    if (name === 'storage') await storeSetting(change.queries, 'newStorage', address ?? null);
    else await storeSetting(change.queries, 'externals', { ...before, [name]: address });
    await change.emit({ type: 'settings-changed' });
    const details = { address: address ? `${address.host}:${address.port}` : 'own' };
    await recordAct(change, doerOf(request), { action: 'component.external', target: name, details });
  });
  await services.house.refresh();
  await services.house.untilProvisioned();
  const [external] = (await services.externals.list()).filter((each) => each.name === name);
  return external as NonNullable<typeof external>;
}
