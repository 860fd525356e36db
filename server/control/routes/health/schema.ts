import { Type } from '@fastify/type-provider-typebox';

export const ComponentStatusBody = Type.Object({
  state: Type.Enum(['stopped', 'starting', 'ready', 'unresponsive', 'waiting', 'failed', 'stopping']),
  since: Type.String(),
  restarts: Type.Integer(),
  reason: Type.Optional(Type.String()),
  pid: Type.Optional(Type.Integer()),
  memory: Type.Optional(Type.Integer({ description: 'Bytes (proportional set size)' })),
  cpu: Type.Optional(Type.Number({ description: 'Share of one core since the last look' })),
});

export const HealthBody = Type.Object({
  status: Type.Enum(['setup', 'ok', 'degraded', 'starting', 'failed']),
  version: Type.String(),
  components: Type.Record(Type.String(), ComponentStatusBody),
});

export const ApplianceBody = Type.Object({
  version: Type.String(),
  status: Type.Enum(['setup', 'ready']),
  domain: Type.String(),
  roomsDomain: Type.String(),
  irc: Type.Object({ host: Type.String(), port: Type.Integer(), secure: Type.Boolean() }),
  xmpp: Type.Object({ host: Type.String(), port: Type.Integer() }),
  language: Type.String({ description: 'Of who chose none (BCP 47)' }),
  registration: Type.Enum(['invite', 'open', 'domains']),
});

export const healthSchema = {
  summary: 'How the appliance and each component is',
  response: { 200: HealthBody, 503: HealthBody },
};

export const applianceSchema = {
  summary: 'What clients need to know: the home domain and where IRC and XMPP answer',
  response: { 200: ApplianceBody },
};
