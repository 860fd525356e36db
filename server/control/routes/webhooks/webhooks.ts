import type { FastifyRequest } from 'fastify';
import type { Change } from '../../../database/events.ts';
import {
  createWebhook,
  findIncomingCalls,
  findWebhooks,
  removeWebhook,
  renameWebhook,
  rotateWebhook,
  type Webhook,
} from '../../../teams/webhooks.ts';
import type { App } from '../../app-type.ts';
import { getCaller } from '../../caller.ts';
import { originOf } from '../../origin.ts';
import type { Services } from '../../services.ts';
import { getChannelFor } from '../channels/channels.ts';
import { recorded } from '../recorded.ts';
import { ChannelParams } from '../shared.ts';
import * as schema from './schema.ts';

const MAY = 'run the webhooks of this channel';
const path = '/api/teams/:team/channels/:channel/webhooks';

/** Addresses that other programs post to a channel by. */
export function webhookRoutes(app: App, services: Services): void {
  const { database } = services;
  const getOwn = (request: FastifyRequest, params: { team: string; channel: string }) => getChannelFor(services, request, params, MAY);
  const presentNew = (request: FastifyRequest, { secret, ...webhook }: Webhook & { secret: string }) => {
    const origin = originOf(services, request);
    const addresses = { address: `${origin}/hooks/${webhook.id}/${secret}`, kosmosAddress: `${origin}/incoming/${secret}` };
    return { ...present(webhook), ...addresses };
  };

  app.get(path, { schema: { ...schema.webhooksSchema, params: ChannelParams } }, async (request) => {
    const { channel } = await getOwn(request, request.params);
    return { webhooks: (await findWebhooks(database, channel)).map(present) };
  });

  app.post(path, { schema: { ...schema.createWebhookSchema, params: ChannelParams } }, async (request, reply) => {
    const place = await getOwn(request, request.params);
    const { account } = getCaller(request);
    const make = ({ queries }: Change) => createWebhook(queries, place.channel, account, request.body.name);
    const made = await recorded(services, request, 'webhook.create', place, make);
    return reply.code(201).send(presentNew(request, made));
  });

  app.patch(`${path}/:id`, { schema: schema.changeWebhookSchema }, async (request) => {
    const place = await getOwn(request, request.params);
    const { id } = request.params;
    const rename = ({ queries }: Change) => renameWebhook(queries, place.channel, id, request.body.name);
    return present(await recorded(services, request, 'webhook.change', place, rename));
  });

  app.post(`${path}/:id/secret`, { schema: schema.rotateWebhookSchema }, async (request, reply) => {
    const place = await getOwn(request, request.params);
    const rotate = ({ queries }: Change) => rotateWebhook(queries, place.channel, request.params.id);
    return reply.code(201).send(presentNew(request, await recorded(services, request, 'webhook.change', place, rotate)));
  });

  app.delete(`${path}/:id`, { schema: schema.removeWebhookSchema }, async (request, reply) => {
    const place = await getOwn(request, request.params);
    const remove = ({ queries }: Change) => removeWebhook(queries, place.channel, request.params.id);
    await recorded(services, request, 'webhook.remove', place, remove);
    return reply.code(204).send(null);
  });
}

/** What came by them. */
export function incomingCallRoutes(app: App, services: Services): void {
  app.get(`${path}/:id/calls`, { schema: schema.incomingCallsSchema }, async (request) => {
    const { channel } = await getChannelFor(services, request, request.params, MAY);
    return { calls: await findIncomingCalls(services.database, channel, request.params.id) };
  });
}

function present({ id, name, createdAt, usedAt, lastError }: Webhook) {
  return { id, name, createdAt, usedAt, lastError };
}
