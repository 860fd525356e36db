import { KosmosError } from '../../../foundation/errors.ts';
import { recordAct } from '../../../teams/acts.ts';
import { disableBots } from '../../../teams/bots.ts';
import { addMember } from '../../../teams/members.ts';
import { checkMay } from '../../../teams/policies.ts';
import { changeTeam, createTeam, findTeams, findTeamsOf, removeTeam } from '../../../teams/teams.ts';
import type { App } from '../../app-type.ts';
import { getCaller, getTeamActor } from '../../caller.ts';
import { doerOf } from '../../doer.ts';
import { runHousekeeping } from '../../housekeeping.ts';
import { presentTeam } from '../../presenters.ts';
import type { Services } from '../../services.ts';
import { changeTeamSchema, createTeamSchema, removeTeamSchema, teamSchema, teamsSchema } from './schema.ts';

export function teamRoutes(app: App, services: Services): void {
  const { database, outbox } = services;

  app.get('/api/teams', { schema: teamsSchema }, async (request) => {
    const { account } = getCaller(request);
    const own = await findTeamsOf(database, account);
    if (!account.isAdmin) return { teams: own.map((team) => presentTeam(team, team.role)) };
    const roles = new Map(own.map(({ id, role }) => [id, role]));
    return { teams: (await findTeams(database)).map((team) => presentTeam(team, roles.get(team.id))) };
  });

  app.post('/api/teams', { schema: createTeamSchema }, async (request, reply) => {
    const { account } = getCaller(request);
    checkMay({ account }, 'create teams');
    const { name, home = 'xmpp' } = request.body;
    const team = await outbox.change(async (change) => {
      const created = await createTeam(change, { name, home });
      await addMember(change, created, account, 'owner');
      await recordAct(change, doerOf(request), { action: 'team.create', team: created, target: created.name, details: { home } });
      return created;
    });
    return reply.code(201).send(presentTeam(team, 'owner'));
  });

  app.get('/api/teams/:team', { schema: teamSchema }, async (request) => {
    const { team, actor } = await getTeamActor(services, request, request.params.team);
    return presentTeam(team, actor.role);
  });
}

export function teamChangeRoutes(app: App, services: Services): void {
  const { outbox } = services;

  app.patch('/api/teams/:team', { schema: changeTeamSchema }, async (request) => {
    const { team, actor } = await getTeamActor(services, request, request.params.team);
    checkMay(actor, 'change this team');
    const { name, accent, retentionDays } = request.body;
    if (retentionDays !== undefined) checkMay(actor, 'change how long this team keeps messages');
    const changed = await outbox.change(async (change) => {
      const after = await changeTeam(change, team, { name, accent, retentionDays });
      await recordAct(change, doerOf(request), { action: 'team.change', team, target: team.name, details: request.body });
      return after;
    });
    if (retentionDays) runHousekeeping(services);
    return presentTeam(changed, actor.role);
  });

  app.delete('/api/teams/:team', { schema: removeTeamSchema }, async (request, reply) => {
    const { team, actor } = await getTeamActor(services, request, request.params.team);
    checkMay(actor, 'remove this team');
    if (request.query.confirm !== team.slug) throw new KosmosError('KOSMOS_ERR_TEAM_CONFIRM', { team: team.slug });
    await outbox.change(async (change) => {
      await disableBots(change, team);
      await removeTeam(change, team);
      await recordAct(change, doerOf(request), { action: 'team.remove', team, target: team.name });
    });
    await services.house.untilProvisioned();
    return reply.code(204).send(null);
  });
}
