import { createSessionGrant, findGrants, revokeGrant } from '../../../identity/storage-grants.ts';
import { formatScopes } from '../../../identity/storage-scopes.ts';
import type { App } from '../../app-type.ts';
import { getCaller } from '../../caller.ts';
import { originOf } from '../../origin.ts';
import type { Services } from '../../services.ts';
import { appsSchema, ownStorageSchema, revokeAppSchema } from './schema.ts';

export function storageRoutes(app: App, services: Services): void {
  const { database, house } = services;

  app.post('/api/storage/token', { schema: ownStorageSchema }, async (request, reply) => {
    const appliance = { origin: originOf(services, request), domain: house.domain };
    return reply.code(201).send(await createSessionGrant(database, getCaller(request), appliance));
  });

  app.get('/api/storage/apps', { schema: appsSchema }, async (request) => {
    const grants = await findGrants(database, getCaller(request).account);
    return {
      apps: grants.map(({ id, client, scopes, createdAt, usedAt }) => ({ id, client, scopes: formatScopes(scopes), createdAt, usedAt })),
    };
  });

  app.delete('/api/storage/apps/:id', { schema: revokeAppSchema }, async (request, reply) => {
    await revokeGrant(database, getCaller(request).account, request.params.id);
    return reply.code(204).send(null);
  });
}
