import { Type } from '@fastify/type-provider-typebox';
import type { PublicKeyCredentialCreationOptionsJSON } from '@simplewebauthn/server';
import { Nullable } from '../../presenters.ts';
import { answers, answersNothing, Exactly, Key, Password } from '../shared.ts';

const FactorName = Type.String({ minLength: 1, maxLength: 60 });
const FactorBody = Type.Object({
  id: Type.String(),
  kind: Type.Enum(['totp', 'passkey']),
  name: Type.String(),
  createdAt: Type.String(),
  usedAt: Nullable(Type.String()),
});
const AddedBody = Type.Object({
  factor: FactorBody,
  recoveryCodes: Nullable(Type.Array(Type.String(), { description: 'With the first factor; shown this once' })),
});
const withPassword = Exactly({ password: Password });

export const factorsSchema = {
  summary: 'The account’s second factors',
  response: answers(
    200,
    Type.Object({
      factors: Type.Array(FactorBody),
      recoveryCodesLeft: Type.Integer(),
      required: Type.Boolean(),
      clientPassword: Nullable(Type.Object({ createdAt: Type.String() })),
    }),
  ),
};

export const beginTotpSchema = {
  summary: 'Begin to add an authenticator app: its secret, which counts once a code is confirmed',
  body: withPassword,
  response: answers(201, Type.Object({ id: Type.String(), secret: Type.String(), uri: Type.String() })),
};

export const confirmTotpSchema = {
  summary: 'Confirm an authenticator app by a code of it',
  params: Exactly({ id: Key }),
  body: Exactly({ code: Type.String({ minLength: 6, maxLength: 10 }), name: Type.Optional(FactorName) }),
  response: answers(200, AddedBody),
};

export const passkeyOptionsSchema = {
  summary: 'What a browser needs to make a passkey',
  body: withPassword,
  response: answers(
    200,
    Type.Object({ options: Type.Unsafe<PublicKeyCredentialCreationOptionsJSON>(Type.Object({}, { additionalProperties: true })) }),
  ),
};

export const addPasskeySchema = {
  summary: 'Add the passkey that a browser made',
  body: Exactly({ name: FactorName, response: Type.Object({ id: Type.String({ maxLength: 2_000 }) }, { additionalProperties: true }) }),
  response: answers(201, AddedBody),
};

export const removeFactorSchema = {
  summary: 'Remove a second factor',
  params: Exactly({ id: Key }),
  body: withPassword,
  response: answersNothing,
};

export const recoveryCodesSchema = {
  summary: 'Make new recovery codes; the old ones end',
  body: withPassword,
  response: answers(201, Type.Object({ recoveryCodes: Type.Array(Type.String()) })),
};

export const clientPasswordSchema = {
  summary: 'Make the password for IRC, XMPP and storage clients of an account with a second factor; it is shown this once',
  body: withPassword,
  response: answers(201, Type.Object({ password: Type.String() })),
};

export const removeClientPasswordSchema = {
  summary: 'Remove the password for IRC, XMPP and storage clients',
  body: withPassword,
  response: answersNothing,
};
