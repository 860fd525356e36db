import { Type } from '@fastify/type-provider-typebox';
import { answers, Exactly } from '../shared.ts';

const Host = Type.String({ minLength: 1, maxLength: 253, pattern: '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$' });
const InsideHost = Type.String({ maxLength: 300, pattern: '^[a-z0-9\\[]([a-z0-9.:\\]-]*):\\d{1,5}$', description: 'host:port' });
const Ports = Type.Array(Type.Integer({ minimum: 1, maximum: 65_535 }), { maxItems: 100 });

const GatewaySettingsBody = Exactly({
  hosts: Type.Union([Type.Literal('*'), Type.Array(Host, { maxItems: 1_000 })], {
    description: 'Every public host, or the only ones that members may connect to',
  }),
  ports: Exactly({ irc: Ports, xmpp: Ports, feeds: Ports }),
  inside: Type.Array(InsideHost, { maxItems: 100, description: 'Hosts of the private network that members may reach all the same' }),
  guests: Type.Boolean({ description: 'Whether people without an account may use the gateway for public hosts' }),
});

export const gatewaySettingsSchema = {
  summary: 'Where the gateway may connect to, and for whom',
  response: answers(200, GatewaySettingsBody),
};

export const changeGatewaySettingsSchema = {
  summary: 'Change where the gateway may connect to, and for whom; it holds from the next connection on',
  body: Type.Partial(GatewaySettingsBody, { additionalProperties: false }),
  response: answers(200, GatewaySettingsBody),
};
