import { Type } from '@fastify/type-provider-typebox';
import type { PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/server';
import { ErrorBody, SessionBody } from '../../presenters.ts';
import { answers, answersNothing, Exactly, Key, LoggedInBody, Name, Password } from '../shared.ts';

const SecondFactorBody = Type.Object({
  secondFactor: Type.Object({
    ticket: Type.String(),
    methods: Type.Array(Type.Enum(['totp', 'passkey', 'recovery'])),
    expiresAt: Type.String(),
  }),
});
const Ticket = Type.String({ minLength: 1, maxLength: 100 });
/** Checked by its library. */
const Proof = Type.Object({ id: Type.String({ maxLength: 2_000 }) }, { additionalProperties: true });

export const secondFactorSchema = {
  summary: 'Complete a log-in by a code, a recovery code or a passkey',
  body: Exactly({
    ticket: Ticket,
    code: Type.Optional(Type.String({ minLength: 6, maxLength: 20 })),
    passkey: Type.Optional(Proof),
  }),
  response: answers(201, LoggedInBody),
};

export const passkeyRequestSchema = {
  summary: 'What a browser needs to ask for one of the account’s passkeys',
  body: Exactly({ ticket: Ticket }),
  response: answers(
    200,
    Type.Object({ options: Type.Unsafe<PublicKeyCredentialRequestOptionsJSON>(Type.Object({}, { additionalProperties: true })) }),
  ),
};

export const logInSchema = {
  summary: 'Log in; browsers get a cookie, programs a token. With a second factor: a ticket to complete it with (202)',
  body: Exactly({
    name: Name,
    password: Password,
    kind: Type.Optional(Type.Enum(['browser', 'program'])),
  }),
  response: { 201: LoggedInBody, 202: SecondFactorBody, '4xx': ErrorBody, '5xx': ErrorBody } as const,
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
