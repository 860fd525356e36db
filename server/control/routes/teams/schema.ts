import { Type } from '@fastify/type-provider-typebox';
import { Home, TeamBody } from '../../presenters.ts';
import { answers, Exactly, TeamParams } from '../shared.ts';

const TeamName = Type.String({ minLength: 1, maxLength: 60 });

export const teamsSchema = {
  summary: 'The teams of the account; for an admin of the appliance, all of them',
  response: answers(200, Type.Object({ teams: Type.Array(TeamBody) })),
};

export const createTeamSchema = {
  summary: 'Create a team; its home protocol stays',
  body: Exactly({ name: TeamName, home: Type.Optional(Home) }),
  response: answers(201, TeamBody),
};

export const teamSchema = { summary: 'One team, by slug or id', params: TeamParams, response: answers(200, TeamBody) };

export const renameTeamSchema = {
  summary: 'Rename a team; its address stays',
  params: TeamParams,
  body: Exactly({ name: TeamName }),
  response: answers(200, TeamBody),
};
