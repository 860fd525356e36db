import type { Static } from '@fastify/type-provider-typebox';
import { equalSecrets } from '../../../foundation/crypto.ts';
import { KosmosError } from '../../../foundation/errors.ts';
import { loadSecret } from '../../../foundation/secrets.ts';
import { parseDomain } from '../../../foundation/settings.ts';
import { timestamp } from '../../../database/database.ts';
import { findSetting, storeSetting } from '../../../database/settings.ts';
import { createAccount, createKeys, type Account } from '../../../identity/accounts.ts';
import { recordAct } from '../../../teams/acts.ts';
import { createChannel } from '../../../teams/channels.ts';
import { addMember } from '../../../teams/members.ts';
import { createTeam } from '../../../teams/teams.ts';
import type { App } from '../../app-type.ts';
import { logIn } from '../../caller.ts';
import type { Services } from '../../services.ts';
import { presentLoggedIn } from '../logged-in.ts';
import { setupSchema, setupStateSchema } from './schema.ts';

const DEFAULT_CHANNELS = ['general'];
const tries = { rateLimit: { max: 30, timeWindow: 60_000 } };

export function setupRoutes(app: App, services: Services): void {
  app.get('/api/setup', { schema: setupStateSchema, config: tries }, async (request) => ({
    valid: request.query.token !== undefined && isSetupToken(services, request.query.token),
    done: services.house.isSetUp,
  }));

  app.post('/api/setup', { schema: setupSchema, config: tries }, async (request, reply) => {
    if (services.house.isSetUp) throw new KosmosError('KOSMOS_ERR_SETUP_DONE');
    if (!isSetupToken(services, request.body.token)) throw new KosmosError('KOSMOS_ERR_SETUP_TOKEN');
    const owner = await setUp(services, request.body, request.ip);
    await services.house.refresh();
    await services.house.untilProvisioned();
    const { caller } = await logIn(services, request, reply, owner);
    return reply.code(201).send(await presentLoggedIn(services.database, caller));
  });
}

function isSetupToken({ settings }: Services, token: string): boolean {
  return equalSecrets(token, loadSecret(settings.dataFolder, 'setup'));
}

/** One transaction: all of it is there afterwards, or nothing. */
async function setUp(services: Services, wanted: Static<typeof setupSchema.body>, address: string): Promise<Account> {
  const domain = wanted.domain === undefined ? undefined : checkDomain(wanted.domain);
  const keys = await createKeys(wanted.owner.name, wanted.owner.password);
  return services.outbox.change(async (change) => {
    if (await findSetting(change.queries, 'setUpAt')) throw new KosmosError('KOSMOS_ERR_SETUP_DONE');
    await storeSetting(change.queries, 'setUpAt', timestamp());
    const owner = await createAccount(change, { name: wanted.owner.name, isAdmin: true }, keys);
    const team = await createTeam(change, { name: wanted.team.name, home: wanted.team.home ?? 'xmpp' });
    await addMember(change, team, owner, 'owner');
    for (const name of wanted.team.channels ?? DEFAULT_CHANNELS) await createChannel(change, team, { name });
    if (domain !== undefined) {
      await storeSetting(change.queries, 'domain', domain);
      await change.emit({ type: 'domain-changed', domain });
    }
    const by = { name: owner.name, via: 'web' as const, address };
    await recordAct(change, by, { action: 'setup.complete', team, target: owner.name, details: { domain } });
    return owner;
  });
}

function checkDomain(text: string): string {
  const domain = parseDomain(text);
  if (domain === undefined) throw new KosmosError('KOSMOS_ERR_DOMAIN_INVALID', { domain: text.slice(0, 100) });
  return domain;
}
