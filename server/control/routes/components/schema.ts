import { Type } from '@fastify/type-provider-typebox';
import { answers, Exactly, Key } from '../shared.ts';
import { ComponentStatusBody } from '../health/schema.ts';

const params = Exactly({ name: Key });
const ComponentBody = Type.Interface([ComponentStatusBody], { name: Type.String(), title: Type.String() });

export const componentsSchema = {
  summary: 'The components and how each is',
  response: answers(200, Type.Object({ components: Type.Array(ComponentBody) })),
};

export const actionSchema = {
  summary: 'Restart, stop or start a component; answers once it is ready, stopped or failed',
  params: Exactly({ name: Key, action: Type.Enum(['restart', 'stop', 'start']) }),
  response: answers(200, ComponentBody),
};

export const logsSchema = {
  summary: 'The last lines that a component printed, oldest first',
  params,
  querystring: Exactly({ lines: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_000, default: 200 })) }),
  response: answers(200, Type.Object({ lines: Type.Array(Type.Object({ at: Type.String(), text: Type.String() })) })),
};
