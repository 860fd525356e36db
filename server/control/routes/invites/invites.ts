import { KosmosError } from '../../../foundation/errors.ts';
import { recordAct } from '../../../teams/acts.ts';
import { createInvite, findInvites, revokeInvite } from '../../../teams/invites.ts';
import { checkMay } from '../../../teams/policies.ts';
import type { App } from '../../app-type.ts';
import { getTeamActor } from '../../caller.ts';
import { doerOf } from '../../doer.ts';
import { originOf } from '../../origin.ts';
import { presentInvite } from '../../presenters.ts';
import type { Services } from '../../services.ts';
import { createInviteSchema, invitesSchema, revokeInviteSchema } from './schema.ts';

const DEFAULTS = { role: 'member', uses: 1, expiresInHours: 7 * 24 } as const;

export function inviteRoutes(app: App, services: Services): void {
  const { database, outbox } = services;

  app.post('/api/teams/:team/invites', { schema: createInviteSchema }, async (request, reply) => {
    const { team, actor } = await getTeamActor(services, request, request.params.team);
    const wanted = { ...DEFAULTS, ...request.body };
    checkMay({ ...actor, otherRoles: [wanted.role] }, 'invite people to this team');
    const invite = await outbox.change(async (change) => {
      const made = await createInvite(change, team, actor.account, wanted);
      await recordAct(change, doerOf(request), { action: 'invite.create', team, target: made.id, details: wanted });
      return made;
    });
    const url = `${originOf(services, request)}/invite/${invite.token}`;
    return reply.code(201).send({ ...presentInvite(invite), token: invite.token, url });
  });

  app.get('/api/teams/:team/invites', { schema: invitesSchema }, async (request) => {
    const { team, actor } = await getTeamActor(services, request, request.params.team);
    checkMay(actor, 'invite people to this team');
    return { invites: (await findInvites(database, team)).map(presentInvite) };
  });

  app.delete('/api/teams/:team/invites/:id', { schema: revokeInviteSchema }, async (request, reply) => {
    const { team, actor } = await getTeamActor(services, request, request.params.team);
    checkMay(actor, 'invite people to this team');
    await outbox.change(async (change) => {
      const revoked = await revokeInvite(change, team, request.params.id);
      if (!revoked) throw new KosmosError('KOSMOS_ERR_INVITE_NOT_FOUND');
      await recordAct(change, doerOf(request), { action: 'invite.revoke', team, target: request.params.id });
    });
    return reply.code(204).send(null);
  });
}
