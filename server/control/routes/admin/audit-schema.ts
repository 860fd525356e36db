import { Type } from '@fastify/type-provider-typebox';
import { Nullable } from '../../presenters.ts';
import { answers, Exactly, tableQuery } from '../shared.ts';

const Text = Type.Optional(Type.String({ minLength: 1, maxLength: 200 }));
const Time = Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601; a date alone is its first moment in UTC' }));
const filters = {
  actor: Text,
  action: Type.Optional(Type.String({ minLength: 1, maxLength: 60, description: 'One, or with a dot at its end all that begin so' })),
  target: Text,
  team: Text,
  from: Time,
  to: Time,
};

const ActBody = Type.Object({
  id: Type.Integer(),
  at: Type.String(),
  actor: Nullable(Type.String()),
  via: Type.Enum(['web', 'program', 'shell', 'appliance']),
  address: Nullable(Type.String()),
  action: Type.String(),
  team: Nullable(Type.String()),
  target: Nullable(Type.String()),
  details: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])),
});

export const auditSchema = {
  summary: 'The audit log, newest first; team admins name a team of theirs',
  querystring: tableQuery(['at'], filters),
  response: answers(200, Type.Object({ acts: Type.Array(ActBody), total: Type.Integer() })),
};

export const auditActionsSchema = {
  summary: 'Every action that the audit log may have, with a phrase for it',
  response: answers(200, Type.Object({ actions: Type.Array(Type.Object({ action: Type.String(), label: Type.String() })) })),
};

export const auditExportSchema = {
  summary: 'Download the audit log, oldest first',
  querystring: Exactly({
    format: Type.Optional(Type.Enum(['jsonl', 'csv'])),
    search: Type.Optional(Type.String({ maxLength: 100 })),
    ...filters,
  }),
};
