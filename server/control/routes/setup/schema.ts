import { Type } from '@fastify/type-provider-typebox';
import { Home, InviteBody } from '../../presenters.ts';
import { answers, Exactly, LoggedInBody, Name, Password } from '../shared.ts';

const Token = Type.String({ minLength: 1, maxLength: 200 });
const Team = Exactly({
  name: Type.String({ minLength: 1, maxLength: 60 }),
  home: Type.Optional(Home),
  channels: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 60 }), { maxItems: 20 })),
});
const Owner = Exactly({ name: Name, password: Password });
const Domain = Type.Optional(Type.String({ minLength: 1, maxLength: 253 }));

export const setupStateSchema = {
  summary: 'Whether set-up is still to do, and whether a token opens it',
  querystring: Exactly({ token: Type.Optional(Token) }),
  response: answers(200, Type.Object({ valid: Type.Boolean(), done: Type.Boolean() })),
};

export const checkSetupSchema = {
  summary: 'Check a step of set-up before the next one; what is given is checked',
  body: Exactly({ token: Token, team: Type.Optional(Team), owner: Type.Optional(Owner), domain: Domain }),
  response: answers(
    200,
    Type.Object({
      ok: Type.Boolean(),
      slug: Type.Optional(Type.String()),
      channels: Type.Optional(Type.Array(Type.String())),
      ownerName: Type.Optional(Type.String()),
    }),
  ),
};

export const setupSchema = {
  summary: 'Set the appliance up: the first team and its owner, who also runs the appliance',
  body: Exactly({
    token: Token,
    team: Team,
    owner: Owner,
    domain: Domain,
    language: Type.Optional(Type.String({ pattern: '^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}$' })),
  }),
  response: answers(
    201,
    Type.Interface([LoggedInBody], {
      invite: Type.Interface([InviteBody], { token: Type.String(), url: Type.String() }),
      addresses: Type.Object({
        web: Type.String(),
        irc: Type.Object({ host: Type.String(), port: Type.Integer(), secure: Type.Boolean() }),
        xmpp: Type.Object({ host: Type.String(), port: Type.Integer(), jid: Type.String() }),
        storage: Type.String(),
      }),
    }),
  ),
};
