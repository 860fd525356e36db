import type { FastifyRequest } from 'fastify';
import type { Channel } from '../../../teams/channels.ts';
import { checkMay } from '../../../teams/policies.ts';
import { createWebhook, findWebhooks, removeWebhook, renameWebhook, rotateWebhook, type Webhook } from '../../../teams/webhooks.ts';
import type { App } from '../../app-type.ts';
import { getCaller } from '../../caller.ts';
import { originOf } from '../../origin.ts';
import type { Services } from '../../services.ts';
import { getChannelActor } from '../channels/channels.ts';
import { ChannelParams } from '../shared.ts';
import * as schema from './schema.ts';

const path = '/api/teams/:team/channels/:channel/webhooks';

/** Addresses that other programs post to a channel by. */
export function webhookRoutes(app: App, services: Services): void {
  const { database } = services;
  const getOwn = async (request: FastifyRequest, params: { team: string; channel: string }): Promise<Channel> => {
    const { channel, actor } = await getChannelActor(services, request, params);
    checkMay(actor, 'run the webhooks of this channel');
    return channel;
  };
  const presentNew = (request: FastifyRequest, { secret, ...webhook }: Webhook & { secret: string }) => {
    const origin = originOf(services, request);
    const addresses = { address: `${origin}/hooks/${webhook.id}/${secret}`, kosmosAddress: `${origin}/incoming/${secret}` };
    return { ...present(webhook), ...addresses };
  };

  app.get(path, { schema: { ...schema.webhooksSchema, params: ChannelParams } }, async (request) => {
    const channel = await getOwn(request, request.params);
    return { webhooks: (await findWebhooks(database, channel)).map(present) };
  });

  app.post(path, { schema: { ...schema.createWebhookSchema, params: ChannelParams } }, async (request, reply) => {
    const channel = await getOwn(request, request.params);
    const made = await createWebhook(database, channel, getCaller(request).account, request.body.name);
    return reply.code(201).send(presentNew(request, made));
  });

  app.patch(`${path}/:id`, { schema: schema.changeWebhookSchema }, async (request) => {
    const channel = await getOwn(request, request.params);
    return present(await renameWebhook(database, channel, request.params.id, request.body.name));
  });

  app.post(`${path}/:id/secret`, { schema: schema.rotateWebhookSchema }, async (request, reply) => {
    const channel = await getOwn(request, request.params);
    return reply.code(201).send(presentNew(request, await rotateWebhook(database, channel, request.params.id)));
  });

  app.delete(`${path}/:id`, { schema: schema.removeWebhookSchema }, async (request, reply) => {
    const channel = await getOwn(request, request.params);
    await removeWebhook(database, channel, request.params.id);
    return reply.code(204).send(null);
  });
}

function present({ id, name, createdAt, usedAt, lastError }: Webhook) {
  return { id, name, createdAt, usedAt, lastError };
}
