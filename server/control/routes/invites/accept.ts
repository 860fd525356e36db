import type { Static } from '@fastify/type-provider-typebox';
import { isKosmosError, KosmosError } from '../../../foundation/errors.ts';
import type { Change } from '../../../database/events.ts';
import { createAccount, createKeys, findLookalike, type Account } from '../../../identity/accounts.ts';
import { checkName } from '../../../identity/names.ts';
import { joinTeam } from '../../../teams/access.ts';
import { recordAct } from '../../../teams/acts.ts';
import { getInvite, noteInviteUse, useInvite } from '../../../teams/invites.ts';
import { findTeam, type Team } from '../../../teams/teams.ts';
import type { App } from '../../app-type.ts';
import { logIn } from '../../caller.ts';
import { doerOf } from '../../doer.ts';
import type { Services } from '../../services.ts';
import { presentLoggedIn } from '../logged-in.ts';
import { acceptInviteSchema, inviteSchema, nameSchema } from './schema.ts';

/** Whoever has no account yet is known by address alone. */
const tries = { rateLimit: { max: 60, timeWindow: 60_000 } };
const manyTries = { rateLimit: { max: 300, timeWindow: 60_000 } };

export function acceptRoutes(app: App, services: Services): void {
  const { database, house } = services;

  app.get('/api/invites/:token', { schema: inviteSchema, config: manyTries }, async (request) => {
    const invite = await getInvite(database, request.params.token);
    const { name, slug, home } = await getTeam(services, invite.teamId);
    return { team: { name, slug, home }, role: invite.role, expiresAt: invite.expiresAt };
  });

  app.get('/api/invites/:token/names/:name', { schema: nameSchema, config: manyTries }, async (request) => {
    await getInvite(database, request.params.token);
    return describeName(services, request.params.name);
  });

  app.post('/api/invites/:token/accept', { schema: acceptInviteSchema, config: tries }, async (request, reply) => {
    const invite = await getInvite(database, request.params.token);
    const team = await getTeam(services, invite.teamId);
    const create = await prepareAccount(request.body, request.caller?.account);
    const account = await services.outbox.change(async (change) => {
      await useInvite(change, invite);
      const joining = await create(change);
      await joinTeam(change, team, joining, invite.role);
      await noteInviteUse(change, invite, joining);
      const by = { ...doerOf(request), name: joining.name };
      await recordAct(change, by, { action: 'member.join', team, target: joining.name, details: { role: invite.role, invite: invite.id } });
      return joining;
    });
    await house.untilProvisioned();
    const caller = request.caller?.account.id === account.id ? request.caller : (await logIn(services, request, reply, account)).caller;
    return reply.code(201).send(await presentLoggedIn(database, caller));
  });
}

/** Checks and hashes before the transaction, which then takes no longer than its writes. */
async function prepareAccount(
  { name, password, displayName }: Static<typeof acceptInviteSchema.body>,
  current: Account | undefined,
): Promise<(change: Change) => Promise<Account>> {
  if (name === undefined || password === undefined) {
    if (!current) throw new KosmosError('KOSMOS_ERR_VALIDATION', { reason: 'a name and a password are needed for a new account' });
    return async () => current;
  }
  const keys = await createKeys(name, password);
  return (change) => createAccount(change, { name, displayName }, keys);
}

async function describeName({ database }: Services, wanted: string): Promise<Static<(typeof nameSchema.response)[200]>> {
  try {
    const name = checkName(wanted);
    if (await findLookalike(database, name)) throw new KosmosError('KOSMOS_ERR_NAME_TAKEN', { name });
    return { name, available: true };
  } catch (error) {
    if (!isKosmosError(error)) throw error;
    return { name: wanted, available: false, code: error.code, message: error.message };
  }
}

async function getTeam({ database }: Services, id: string): Promise<Team> {
  const team = await findTeam(database, id);
  if (!team) throw new KosmosError('KOSMOS_ERR_INVITE_NOT_FOUND');
  return team;
}
