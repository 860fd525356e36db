import { Type } from '@fastify/type-provider-typebox';
import { hopNames } from '../../mail.ts';
import { Nullable } from '../../presenters.ts';
import { answers, Exactly } from '../shared.ts';

const Policy = Type.Enum(['invite', 'open', 'domains']);
const Security = Type.Enum(['tls', 'starttls', 'none']);
const Host = Type.String({ pattern: '^[\\w.:-]{1,253}$' });
const Port = Type.Integer({ minimum: 1, maximum: 65_535 });
const Limits = Exactly({
  requestsPerMinute: Type.Integer({ minimum: 300, maximum: 100_000, description: 'Per address' }),
  loginFailures: Type.Integer({ minimum: 3, maximum: 100, description: 'Of one name from one address, in 15 minutes' }),
});

const SettingsBody = Type.Object({
  language: Type.String(),
  sessionDays: Type.Integer(),
  secondFactorForAdmins: Type.Boolean(),
  registration: Type.Object({ policy: Policy, domains: Type.Array(Type.String()), team: Nullable(Type.String({ description: 'Slug' })) }),
  limits: Limits,
  smtp: Nullable(
    Type.Object({
      ...{ host: Type.String(), port: Type.Integer(), security: Security },
      ...{ user: Nullable(Type.String()), from: Type.String(), hasPassword: Type.Boolean() },
    }),
  ),
});

const Smtp = Exactly({
  host: Host,
  port: Port,
  security: Security,
  user: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 254 }))),
  password: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 500 }))),
  from: Type.String({ minLength: 3, maxLength: 254 }),
});

export const settingsSchema = { summary: 'What an admin can set for the whole appliance', response: answers(200, SettingsBody) };

export const changeSettingsSchema = {
  summary: 'Change some of the settings',
  body: Exactly({
    language: Type.Optional(Type.String({ pattern: '^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}$' })),
    sessionDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 365 })),
    secondFactorForAdmins: Type.Optional(Type.Boolean()),
    registration: Type.Optional(
      Exactly({
        policy: Policy,
        domains: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 253 }), { maxItems: 50 })),
        team: Type.Optional(Nullable(Type.String({ minLength: 1, maxLength: 100 }))),
      }),
    ),
    limits: Type.Optional(Limits),
    smtp: Type.Optional(Nullable(Smtp)),
  }),
  response: answers(200, SettingsBody),
};

export const testMailSchema = {
  summary: 'Send a mail and tell what each hop answered; by the stored mail server, or by the one given',
  body: Exactly({ to: Type.String({ minLength: 3, maxLength: 254 }), smtp: Type.Optional(Smtp) }),
  response: answers(
    200,
    Type.Object({
      ok: Type.Boolean(),
      hops: Type.Array(
        Type.Object({
          ...{ hop: Type.Enum([...hopNames]), ok: Type.Boolean(), skipped: Type.Boolean() },
          ...{ milliseconds: Type.Number(), answer: Type.String() },
        }),
      ),
    }),
  ),
};
