import { equalSecrets } from '../../../foundation/crypto.ts';
import { KosmosError } from '../../../foundation/errors.ts';
import { loadSecret } from '../../../foundation/secrets.ts';
import type { App } from '../../app-type.ts';
import { logIn } from '../../caller.ts';
import { originOf } from '../../origin.ts';
import { presentInvite } from '../../presenters.ts';
import type { Services } from '../../services.ts';
import { checkSteps, setUp } from '../../set-up.ts';
import { presentLoggedIn } from '../logged-in.ts';
import { checkSetupSchema, setupSchema, setupStateSchema } from './schema.ts';

const tries = { rateLimit: { max: 30, timeWindow: 60_000 } };
const manyTries = { rateLimit: { max: 120, timeWindow: 60_000 } };

export function setupRoutes(app: App, services: Services): void {
  const { house, settings } = services;

  app.get('/api/setup', { schema: setupStateSchema, config: tries }, async (request) => ({
    valid: request.query.token !== undefined && isSetupToken(services, request.query.token),
    done: house.isSetUp,
  }));

  app.post('/api/setup/check', { schema: checkSetupSchema, config: manyTries }, async (request) => {
    checkOpen(services, request.body.token);
    return { ok: true, ...(await checkSteps(request.body)) };
  });

  app.post('/api/setup', { schema: setupSchema, config: tries }, async (request, reply) => {
    checkOpen(services, request.body.token);
    const { owner, invite } = await setUp(services, request.body, { via: 'web', address: request.ip });
    const { caller } = await logIn(services, request, reply, owner);
    const [origin, host] = [originOf(services, request), house.domain];
    const own = `${owner.name}@${host}`;
    return reply.code(201).send({
      ...(await presentLoggedIn(services.database, caller)),
      invite: { ...presentInvite(invite), token: invite.token, url: `${origin}/invite/${invite.token}` },
      addresses: {
        ...{ web: origin, irc: { host, port: settings.ircsPort, secure: true }, storage: own },
        xmpp: { host, port: settings.xmppPort, jid: own },
      },
    });
  });
}

/** Throws KOSMOS_ERR_SETUP_DONE or KOSMOS_ERR_SETUP_TOKEN. */
function checkOpen(services: Services, token: string): void {
  if (services.house.isSetUp) throw new KosmosError('KOSMOS_ERR_SETUP_DONE');
  if (!isSetupToken(services, token)) throw new KosmosError('KOSMOS_ERR_SETUP_TOKEN');
}

function isSetupToken({ settings }: Services, token: string): boolean {
  return equalSecrets(token, loadSecret(settings.dataFolder, 'setup'));
}
