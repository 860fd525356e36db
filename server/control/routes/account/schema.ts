import { Type } from '@fastify/type-provider-typebox';
import { AccountBody } from '../../presenters.ts';
import { answers, answersNothing, DisplayName, Exactly, Password } from '../shared.ts';

export const changeAccountSchema = {
  summary: 'Change how the account is shown',
  body: Exactly({ displayName: Type.Union([DisplayName, Type.Null()]) }),
  response: answers(200, AccountBody),
};

export const changePasswordSchema = {
  summary: 'Change the password; every other session of the account ends',
  body: Exactly({ password: Password, newPassword: Password }),
  response: answersNothing,
};
