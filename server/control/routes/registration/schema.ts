import { Type } from '@fastify/type-provider-typebox';
import { ErrorBody, Nullable } from '../../presenters.ts';
import { answers, DisplayName, Exactly, LoggedInBody, Name, Password } from '../shared.ts';

export const registrationSchema = {
  summary: 'Whether one can make an account without an invite, and how',
  response: answers(
    200,
    Type.Object({
      policy: Type.Enum(['invite', 'open', 'domains']),
      domains: Type.Array(Type.String()),
      team: Nullable(Type.Object({ name: Type.String(), slug: Type.String() })),
    }),
  ),
};

export const registerSchema = {
  summary: 'Make an account where the appliance lets anybody (201), or those with a certain mail address, who get a link (202)',
  body: Exactly({
    name: Name,
    password: Password,
    displayName: Type.Optional(DisplayName),
    email: Type.Optional(Type.String({ minLength: 3, maxLength: 254 })),
  }),
  response: { 201: LoggedInBody, 202: Type.Object({ sent: Type.Boolean() }), '4xx': ErrorBody, '5xx': ErrorBody } as const,
};

export const confirmRegistrationSchema = {
  summary: 'Complete a registration by the link that was mailed',
  params: Exactly({ token: Type.String({ minLength: 1, maxLength: 200 }) }),
  response: answers(201, LoggedInBody),
};
