import { Type } from '@fastify/type-provider-typebox';
import { Exactly, Key, Password } from '../routes/shared.ts';

/** A token of ours takes the place of a password here. */
const Secret = Type.String({ minLength: 1, maxLength: 2_000 });
const Address = Type.Optional(Type.String({ maxLength: 100 }));

export const sessionCheckSchema = { body: Exactly({ token: Type.String({ minLength: 1, maxLength: 200 }) }) };
export const tokenSchema = { body: Exactly({ name: Key, audience: Type.Enum(['ergo', 'prosody']) }) };
export const accountSchema = { params: Exactly({ name: Key }) };
export const scramSchema = {
  params: Exactly({ name: Key }),
  querystring: Exactly({ hash: Type.Enum(['SHA-1', 'SHA-256']) }),
};
export const credentialsSchema = { body: Exactly({ name: Key, password: Secret, address: Address }) };
export const failureSchema = { body: Exactly({ name: Key, address: Address }) };
/** What Ergo writes to its auth-script (2.15): the fields may be absent, and more may come. */
export const ergoSchema = {
  body: Type.Object({
    accountName: Type.Optional(Type.String({ maxLength: 1_000 })),
    passphrase: Type.Optional(Password),
    ip: Address,
  }),
};
export const eventsSchema = { querystring: Exactly({ after: Type.Optional(Type.Integer({ minimum: 0 })) }) };
