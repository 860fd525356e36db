import { Type } from '@fastify/type-provider-typebox';
import { Home, InviteBody, Role } from '../../presenters.ts';
import { answers, answersNothing, DisplayName, Exactly, Key, LoggedInBody, Name, Password, TeamParams } from '../shared.ts';

const YEAR_IN_HOURS = 366 * 24;
const Token = Type.String({ minLength: 1, maxLength: 200 });

export const createInviteSchema = {
  summary: 'Make an invite link; the token is shown this once',
  params: TeamParams,
  body: Exactly({
    role: Type.Optional(Role),
    uses: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
    expiresInHours: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: YEAR_IN_HOURS })),
  }),
  response: answers(201, Type.Interface([InviteBody], { token: Type.String(), url: Type.String() })),
};

export const invitesSchema = {
  summary: 'Open invites of a team, newest first',
  params: TeamParams,
  response: answers(200, Type.Object({ invites: Type.Array(InviteBody) })),
};

export const revokeInviteSchema = {
  summary: 'Withdraw an invite',
  params: Exactly({ team: Key, id: Key }),
  response: answersNothing,
};

export const inviteSchema = {
  summary: 'What an invite invites to',
  params: Exactly({ token: Token }),
  response: answers(
    200,
    Type.Object({
      team: Type.Object({ name: Type.String(), slug: Type.String(), home: Home }),
      role: Role,
      expiresAt: Type.String(),
    }),
  ),
};

export const nameSchema = {
  summary: 'Whether a name can be taken, for who has an invite',
  params: Exactly({ token: Token, name: Key }),
  response: answers(
    200,
    Type.Object({
      name: Type.String(),
      available: Type.Boolean(),
      code: Type.Optional(Type.String()),
      message: Type.Optional(Type.String()),
    }),
  ),
};

export const acceptInviteSchema = {
  summary: 'Join by an invite: with a new account, or with an empty body as who is logged in',
  params: Exactly({ token: Token }),
  body: Exactly({ name: Type.Optional(Name), password: Type.Optional(Password), displayName: Type.Optional(DisplayName) }),
  response: answers(201, LoggedInBody),
};
