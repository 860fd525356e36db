import { changePassword, createKeys, renameAccount } from '../../../identity/accounts.ts';
import type { App } from '../../app-type.ts';
import { getCaller } from '../../caller.ts';
import { presentAccount } from '../../presenters.ts';
import type { Services } from '../../services.ts';
import { changeAccountSchema, changePasswordSchema } from './schema.ts';

export function accountRoutes(app: App, services: Services): void {
  const { outbox, credentials } = services;

  app.patch('/api/account', { schema: changeAccountSchema }, async (request) => {
    const { account } = getCaller(request);
    return presentAccount(await outbox.change((change) => renameAccount(change, account, request.body.displayName)));
  });

  app.post('/api/account/password', { schema: changePasswordSchema }, async (request, reply) => {
    const { account, session } = getCaller(request);
    await credentials.checkPassword(account.name, request.body.password, request.ip);
    const keys = await createKeys(account.name, request.body.newPassword);
    await outbox.change((change) => changePassword(change, account, keys, session.id));
    return reply.code(204).send(null);
  });
}
