import { Type } from '@fastify/type-provider-typebox';
import { Exactly } from '../shared.ts';

export const eventStreamSchema = {
  summary: 'Server-sent events: changes (resumable), and for admins of the appliance components, samples and a log as it grows',
  querystring: Exactly({
    topics: Type.Optional(Type.String({ pattern: '^(changes|components|samples)(,(changes|components|samples))*$' })),
    log: Type.Optional(Type.String({ minLength: 1, maxLength: 40, description: 'A component whose new log lines are sent' })),
    after: Type.Optional(Type.Integer({ minimum: 0, description: 'As Last-Event-ID' })),
  }),
};
