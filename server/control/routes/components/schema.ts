import { Type } from '@fastify/type-provider-typebox';
import { Nullable, TeamBody } from '../../presenters.ts';
import { answers, Exactly, Key } from '../shared.ts';
import { ComponentStatusBody } from '../health/schema.ts';

const params = Exactly({ name: Key });
export const ComponentBody = Type.Interface([ComponentStatusBody], {
  name: Type.String(),
  title: Type.String(),
  version: Nullable(Type.String()),
  external: Nullable(Type.String({ description: 'host:port of the server of others that takes its place' })),
  canBeExternal: Type.Boolean(),
  effects: Type.Object({ restart: Type.String(), stop: Type.String() }, { description: 'What it means for people who are connected' }),
});
const SampleBody = Type.Object({ memory: Type.Number(), cpu: Type.Number() });

export const componentsSchema = {
  summary: 'The components and how each is',
  response: answers(200, Type.Object({ components: Type.Array(ComponentBody) })),
};

export const componentSchema = {
  summary: 'One component, with its memory and CPU over the last hours',
  params,
  response: answers(200, Type.Interface([ComponentBody], { samples: Type.Array(Type.Interface([SampleBody], { at: Type.String() })) })),
};

export const actionSchema = {
  summary: 'Restart, stop or start a component; answers once it is ready, stopped or failed',
  params: Exactly({ name: Key, action: Type.Enum(['restart', 'stop', 'start']) }),
  response: answers(200, ComponentBody),
};

const contains = Type.Optional(Type.String({ maxLength: 200, description: 'Only lines with this text, whatever its case' }));

export const logsSchema = {
  summary: 'The last lines that a component printed, oldest first',
  params,
  querystring: Exactly({ lines: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_000, default: 200 })), contains }),
  response: answers(200, Type.Object({ lines: Type.Array(Type.Object({ at: Type.String(), text: Type.String() })) })),
};

export const downloadLogSchema = {
  summary: 'Download all that is kept of a component’s log, oldest first',
  params,
  querystring: Exactly({ contains }),
};

const Count = Type.Integer();
const DayBody = Type.Object({ day: Type.String(), count: Count });
const OnlineBody = Type.Object({ total: Count, web: Count, irc: Count, xmpp: Count });
const FindingBody = Type.Object({
  code: Type.String(),
  severity: Type.Enum(['error', 'warning', 'notice']),
  subject: Nullable(Type.String()),
  message: Type.String(),
});

export const overviewSchema = {
  summary: 'How the whole appliance is: components, load, messages, people, disk, and what needs attention',
  response: answers(
    200,
    Type.Object({
      version: Type.String(),
      startedAt: Type.String(),
      uptime: Type.Number({ description: 'Seconds' }),
      status: Type.String(),
      domain: Type.String(),
      components: Type.Array(ComponentBody),
      samples: Type.Object({
        every: Type.Number({ description: 'Seconds' }),
        since: Nullable(Type.String()),
        points: Type.Array(Type.Object({ at: Type.String(), components: Type.Record(Type.String(), SampleBody) })),
      }),
      messages: Type.Array(DayBody),
      online: OnlineBody,
      members: Type.Object({ total: Count, disabled: Count }),
      disk: Type.Object({
        path: Type.String(),
        total: Type.Number(),
        free: Type.Number(),
        used: Type.Number(),
        data: Type.Record(Type.String(), Type.Number()),
      }),
      attention: Type.Array(FindingBody),
    }),
  ),
};

export const teamOverviewSchema = {
  summary: 'How a team is: messages, people, channels, and what needs attention',
  params: Exactly({ team: Key }),
  response: answers(
    200,
    Type.Object({
      team: TeamBody,
      messages: Type.Array(DayBody),
      online: OnlineBody,
      members: Type.Object({ total: Count, disabled: Count, byRole: Type.Record(Type.String(), Count) }),
      channels: Type.Object({ total: Count, private: Count, archived: Count }),
      invites: Type.Object({ open: Count }),
      attention: Type.Array(FindingBody),
    }),
  ),
};
