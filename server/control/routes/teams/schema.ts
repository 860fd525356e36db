import { Type } from '@fastify/type-provider-typebox';
import { Home, Nullable, TeamBody } from '../../presenters.ts';
import { answers, answersNothing, Exactly, TeamParams } from '../shared.ts';

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

export const changeTeamSchema = {
  summary: 'Rename a team (its address stays), change its colour or how long it keeps messages',
  params: TeamParams,
  body: Exactly({
    name: Type.Optional(TeamName),
    accent: Type.Optional(Nullable(Type.String({ pattern: '^#[0-9a-f]{6}$' }))),
    retentionDays: Type.Optional(Nullable(Type.Integer({ minimum: 1, maximum: 36_500 }))),
  }),
  response: answers(200, TeamBody),
};

export const removeTeamSchema = {
  summary: 'Remove a team with its channels and history; the accounts stay',
  params: TeamParams,
  querystring: Exactly({ confirm: Type.Optional(Type.String({ maxLength: 100, description: 'The team’s slug' })) }),
  response: answersNothing,
};

export const putLogoSchema = {
  summary: 'Set the team’s logo: the body is a PNG, JPEG or WebP of at most 256 KiB',
  params: TeamParams,
  response: answers(200, TeamBody),
};

export const removeLogoSchema = { summary: 'Remove the team’s logo', params: TeamParams, response: answers(200, TeamBody) };

export const logoSchema = {
  summary: 'A logo, by the hash of its content',
  params: Exactly({ hash: Type.String({ pattern: '^[\\w-]{43}$' }) }),
};
