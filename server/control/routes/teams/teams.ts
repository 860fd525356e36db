import { addMember } from '../../../teams/members.ts';
import { checkMay } from '../../../teams/policies.ts';
import { createTeam, findTeams, findTeamsOf, renameTeam } from '../../../teams/teams.ts';
import type { App } from '../../app-type.ts';
import { getCaller, getTeamActor } from '../../caller.ts';
import { presentTeam } from '../../presenters.ts';
import type { Services } from '../../services.ts';
import { createTeamSchema, renameTeamSchema, teamSchema, teamsSchema } from './schema.ts';

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
      return created;
    });
    return reply.code(201).send(presentTeam(team, 'owner'));
  });

  app.get('/api/teams/:team', { schema: teamSchema }, async (request) => {
    const { team, actor } = await getTeamActor(services, request, request.params.team);
    return presentTeam(team, actor.role);
  });

  app.patch('/api/teams/:team', { schema: renameTeamSchema }, async (request) => {
    const { team, actor } = await getTeamActor(services, request, request.params.team);
    checkMay(actor, 'change this team');
    return presentTeam(await outbox.change((change) => renameTeam(change, team, request.body.name)), actor.role);
  });
}
