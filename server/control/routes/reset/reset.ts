import { createKeys } from '../../../identity/accounts.ts';
import { openResetLink, takeResetLink } from '../../../identity/reset-links.ts';
import { recordAct } from '../../../teams/acts.ts';
import type { App } from '../../app-type.ts';
import { doerOf } from '../../doer.ts';
import type { Services } from '../../services.ts';
import { resetSchema, useResetSchema } from './schema.ts';

const tries = { rateLimit: { max: 60, timeWindow: 60_000 } };

export function resetRoutes(app: App, { database, outbox }: Services): void {
  app.get('/api/reset/:token', { schema: resetSchema, config: tries }, async (request) => {
    const { account, expiresAt } = await openResetLink(database, request.params.token);
    return { name: account.name, expiresAt };
  });

  app.post('/api/reset/:token', { schema: useResetSchema, config: tries }, async (request, reply) => {
    const { account } = await openResetLink(database, request.params.token);
    const keys = await createKeys(account.name, request.body.password);
    await outbox.change(async (change) => {
      await takeResetLink(change, request.params.token, account, keys);
      await recordAct(change, { ...doerOf(request), name: account.name }, { action: 'account.reset-used', target: account.name });
    });
    return reply.code(204).send(null);
  });
}
