import { Type } from '@fastify/type-provider-typebox';
import { countOlder } from '../../../archive/retention.ts';
import { checkMay } from '../../../teams/policies.ts';
import type { App } from '../../app-type.ts';
import { getTeamActor } from '../../caller.ts';
import type { Services } from '../../services.ts';
import { answers, Exactly, TeamParams } from '../shared.ts';

const previewSchema = {
  summary: 'How many messages would go if the team kept them for so many days',
  params: TeamParams,
  body: Exactly({ days: Type.Integer({ minimum: 1, maximum: 36_500 }) }),
  response: answers(200, Type.Object({ messages: Type.Integer() })),
};

export function retentionRoutes(app: App, services: Services): void {
  app.post('/api/admin/teams/:team/retention/preview', { schema: previewSchema }, async (request) => {
    const { team, actor } = await getTeamActor(services, request, request.params.team);
    checkMay(actor, 'change how long this team keeps messages');
    return { messages: await countOlder(services.database, team, request.body.days) };
  });
}
