import { Type } from '@fastify/type-provider-typebox';
import { Home } from '../../presenters.ts';
import { answers, Exactly, LoggedInBody, Name, Password } from '../shared.ts';

const Token = Type.String({ minLength: 1, maxLength: 200 });

export const setupStateSchema = {
  summary: 'Whether set-up is still to do, and whether a token opens it',
  querystring: Exactly({ token: Type.Optional(Token) }),
  response: answers(200, Type.Object({ valid: Type.Boolean(), done: Type.Boolean() })),
};

export const setupSchema = {
  summary: 'Set the appliance up: the first team and its owner, who also runs the appliance',
  body: Exactly({
    token: Token,
    team: Exactly({
      name: Type.String({ minLength: 1, maxLength: 60 }),
      home: Type.Optional(Home),
      channels: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 60 }), { maxItems: 20 })),
    }),
    owner: Exactly({ name: Name, password: Password }),
    domain: Type.Optional(Type.String({ minLength: 1, maxLength: 253 })),
  }),
  response: answers(201, LoggedInBody),
};
