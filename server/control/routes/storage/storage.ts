import { KosmosError } from '../../../foundation/errors.ts';
import { allowing } from '../../../foundation/public-address.ts';
import { findSetting } from '../../../database/settings.ts';
import type { Account } from '../../../identity/accounts.ts';
import { findStorageElsewhere, keepStorageElsewhere } from '../../../identity/storage-elsewhere.ts';
import { findStorageAt } from '../../../identity/storage-lookup.ts';
import { createSessionGrant, findGrants, revokeGrant } from '../../../identity/storage-grants.ts';
import { formatScopes } from '../../../identity/storage-scopes.ts';
import type { App } from '../../app-type.ts';
import { getCaller } from '../../caller.ts';
import { originOf } from '../../origin.ts';
import type { Services } from '../../services.ts';
import { appsSchema, changeStorageAddressSchema, ownStorageSchema, revokeAppSchema, storageAddressSchema } from './schema.ts';

export function storageRoutes(app: App, services: Services): void {
  const { database, house } = services;

  app.post('/api/storage/token', { schema: ownStorageSchema }, async (request, reply) => {
    const elsewhere = await findStorageElsewhere(database, getCaller(request).account);
    if (elsewhere) throw new KosmosError('KOSMOS_ERR_STORAGE_ELSEWHERE', { address: elsewhere.address });
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

/** Every account has a storage here; it may name one elsewhere instead, and nothing else changes. */
export function storageAddressRoutes(app: App, { database, house }: Services): void {
  const present = async (account: Account) => {
    const elsewhere = await findStorageElsewhere(database, account);
    return { address: elsewhere?.address ?? `${account.name}@${house.domain}`, elsewhere: elsewhere !== undefined };
  };

  app.get('/api/account/storage-address', { schema: storageAddressSchema }, async (request) => present(getCaller(request).account));

  app.put(
    '/api/account/storage-address',
    { schema: changeStorageAddressSchema, config: { rateLimit: { max: 20, timeWindow: 60_000 } } },
    async (request) => {
      const { account } = getCaller(request);
      const address = request.body.address?.trim();
      const isHere = address === undefined || address.toLowerCase().endsWith(`@${house.domain}`);
      const inner = new Set((await findSetting(database, 'innerPlaces')) ?? []);
      const elsewhere = isHere ? undefined : await findStorageAt(address, { findAddresses: allowing(inner), inner });
      if (isHere && address !== undefined && address.toLowerCase() !== `${account.name}@${house.domain}`) {
        throw new KosmosError('KOSMOS_ERR_STORAGE_ADDRESS', { address: address.slice(0, 100), reason: 'it is somebody else’s' });
      }
      await keepStorageElsewhere(database, account, elsewhere);
      return present(account);
    },
  );
}
