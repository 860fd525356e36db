import { equalSecrets } from '../../foundation/crypto.ts';
import { isKosmosError, KosmosError } from '../../foundation/errors.ts';
import { loadSecret } from '../../foundation/secrets.ts';
import { findAccount, getAccount, type Account } from '../../identity/accounts.ts';
import { findSession } from '../../identity/sessions.ts';
import { looksLikeToken } from '../../identity/tokens.ts';
import type { App } from '../app-type.ts';
import { presentAccount } from '../presenters.ts';
import { mustEnrol } from '../second-factor-login.ts';
import type { Services } from '../services.ts';
import * as schema from './schema.ts';

/** What the components ask of control: docs/develop/internal-api.md. Guarded by the internal secret whatever the way in. */
export function internalRoutes(app: App, services: Services): void {
  const secret = loadSecret(services.settings.dataFolder, 'internal');
  app.addHook('onRequest', async (request) => {
    if (!equalSecrets(request.headers.authorization ?? '', `Bearer ${secret}`)) throw new KosmosError('KOSMOS_ERR_INTERNAL_ONLY');
  });
  tokenRoutes(app, services);
  credentialRoutes(app, services);

  app.get('/internal/appliance', () => ({ domain: services.house.domain, roomsDomain: `rooms.${services.house.domain}` }));
}

function tokenRoutes(app: App, { database, tokens }: Services): void {
  app.post('/internal/sessions/check', { schema: schema.sessionCheckSchema }, async (request) => {
    const found = await findSession(database, request.body.token);
    if (!found) throw new KosmosError('KOSMOS_ERR_UNAUTHENTICATED');
    const { account, session } = found;
    if (await mustEnrol({ database }, account)) throw new KosmosError('KOSMOS_ERR_SECOND_FACTOR_REQUIRED');
    return { account: { id: account.id, ...presentAccount(account) }, session: { id: session.id, expiresAt: session.expiresAt } };
  });

  app.post('/internal/tokens', { schema: schema.tokenSchema }, async (request) => {
    const account = await getAccount(database, request.body.name);
    checkEnabled(account);
    return tokens.mint(account.name, request.body.audience);
  });

  app.get('/internal/accounts/:name', { schema: schema.accountSchema }, async (request) => {
    const account = await getAccount(database, request.params.name);
    return { name: account.name, disabled: account.disabledAt !== null };
  });
}

function credentialRoutes(app: App, services: Services): void {
  const { credentials } = services;

  app.get('/internal/accounts/:name/scram', { schema: schema.scramSchema }, async (request) => {
    const { salt, iterations, storedKey, serverKey } = await credentials.getScramKeys(request.params.name, request.query.hash);
    return { salt, iterations, storedKey, serverKey };
  });

  app.post('/internal/credentials/check', { schema: schema.credentialsSchema }, async (request) => {
    const { name, password, address } = request.body;
    const account = looksLikeToken(password)
      ? await checkToken(services, name, password)
      : await credentials.checkClientPassword(name, password, address);
    return { name: account.name };
  });

  app.post('/internal/credentials/failed', { schema: schema.failureSchema }, async (request, reply) => {
    credentials.countFailure(request.body.name, request.body.address);
    return reply.code(204).send();
  });

  app.post('/internal/ergo/auth', { schema: schema.ergoSchema }, async (request) => {
    const { accountName = '', passphrase = '', ip } = request.body;
    try {
      const account = await credentials.checkClientPassword(accountName, passphrase, ip);
      await services.presence.note(account.id, 'irc');
      return { success: true, accountName: account.name };
    } catch (error) {
      if (!isKosmosError(error)) throw error;
      return { success: false, accountName: '', error: error.message };
    }
  });
}

/** Throws KOSMOS_ERR_TOKEN_INVALID or KOSMOS_ERR_ACCOUNT_DISABLED. */
async function checkToken({ database, tokens }: Services, name: string, token: string): Promise<Account> {
  const holder = await tokens.check(token, 'prosody');
  const account = holder === name.toLowerCase() ? await findAccount(database, holder) : undefined;
  if (!account) throw new KosmosError('KOSMOS_ERR_TOKEN_INVALID');
  checkEnabled(account);
  return account;
}

function checkEnabled(account: Account): void {
  if (account.disabledAt) throw new KosmosError('KOSMOS_ERR_ACCOUNT_DISABLED');
}
