import { Type } from '@fastify/type-provider-typebox';
import { answers, answersNothing, Exactly, Password } from '../shared.ts';

const params = Exactly({ token: Type.String({ minLength: 1, maxLength: 200 }) });

export const resetSchema = {
  summary: 'Whose password a link sets, and until when',
  params,
  response: answers(200, Type.Object({ name: Type.String(), expiresAt: Type.String() })),
};

export const useResetSchema = {
  summary: 'Choose a new password by a link, once; every session of the account ends',
  params,
  body: Exactly({ password: Password }),
  response: answersNothing,
};
