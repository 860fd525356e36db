import { Type } from '@fastify/type-provider-typebox';
import { SessionBody } from '../../presenters.ts';
import { answers, answersNothing, Exactly, Key, LoggedInBody, Name, Password } from '../shared.ts';

export const logInSchema = {
  summary: 'Log in; browsers get a cookie, programs a token',
  body: Exactly({
    name: Name,
    password: Password,
    kind: Type.Optional(Type.Enum(['browser', 'program'])),
  }),
  response: answers(201, LoggedInBody),
};

export const sessionSchema = { summary: 'Who is logged in', response: answers(200, LoggedInBody) };
export const logOutSchema = { summary: 'Log out', response: answersNothing };

export const sessionsSchema = {
  summary: 'The open sessions of the account, newest first',
  response: answers(200, Type.Object({ sessions: Type.Array(SessionBody) })),
};

export const endSessionSchema = {
  summary: 'End a session of the account',
  params: Exactly({ id: Key }),
  response: answersNothing,
};
