import type { FastifyRequest } from 'fastify';
import { requestComponent } from '../../../foundation/http-client.ts';
import { KosmosError } from '../../../foundation/errors.ts';
import { loadKey, loadSecret } from '../../../foundation/secrets.ts';
import type { Change } from '../../../database/events.ts';
import * as outgoing from '../../../teams/outgoing-webhooks.ts';
import type { App } from '../../app-type.ts';
import { getCaller } from '../../caller.ts';
import type { Services } from '../../services.ts';
import { getChannelFor } from '../channels/channels.ts';
import { recorded } from '../recorded.ts';
import { ChannelParams } from '../shared.ts';
import * as schema from './schema.ts';

const MAY = 'let what is said in this channel out';
const path = '/api/teams/:team/channels/:channel/outgoing-webhooks';
/** Above what the daemon gives the address. */
const CALL_LIMIT = 15_000;

/** Addresses that are called when something is said in a channel. */
export function outgoingWebhookRoutes(app: App, services: Services): void {
  const { database, settings } = services;
  const key = loadKey(settings.dataFolder, 'encryption');
  const getOwn = findOwn(services);

  app.get(path, { schema: { ...schema.outgoingSchema, params: ChannelParams } }, async (request) => {
    const { channel } = await getOwn(request, request.params);
    return { webhooks: (await outgoing.findOutgoingWebhooks(database, channel)).map(present) };
  });

  app.post(path, { schema: { ...schema.createOutgoingSchema, params: ChannelParams } }, async (request, reply) => {
    const place = await getOwn(request, request.params);
    const { account } = getCaller(request);
    const make = ({ queries }: Change) => outgoing.createOutgoingWebhook(queries, key, place.channel, account, request.body);
    const made = await recorded(services, request, 'webhook.create', place, make);
    return reply.code(201).send({ ...present(made), secret: made.secret });
  });

  app.patch(`${path}/:id`, { schema: schema.changeOutgoingSchema }, async (request) => {
    const place = await getOwn(request, request.params);
    const change = ({ queries }: Change) => outgoing.changeOutgoingWebhook(queries, place.channel, request.params.id, request.body);
    return present(await recorded(services, request, 'webhook.change', place, change));
  });

  app.post(`${path}/:id/secret`, { schema: schema.rotateOutgoingSchema }, async (request, reply) => {
    const place = await getOwn(request, request.params);
    const rotate = ({ queries }: Change) => outgoing.rotateOutgoingSecret(queries, key, place.channel, request.params.id);
    return reply.code(201).send({ secret: await recorded(services, request, 'webhook.change', place, rotate) });
  });

  app.delete(`${path}/:id`, { schema: schema.removeOutgoingSchema }, async (request, reply) => {
    const place = await getOwn(request, request.params);
    const remove = ({ queries }: Change) => outgoing.removeOutgoingWebhook(queries, place.channel, request.params.id);
    await recorded(services, request, 'webhook.remove', place, remove);
    return reply.code(204).send(null);
  });
}

/** What came, and comes, of the calls. */
export function outgoingCallRoutes(app: App, services: Services): void {
  const { database } = services;
  const getOwn = findOwn(services);

  app.post(`${path}/:id/test`, { schema: schema.testOutgoingSchema }, async (request) => {
    const { channel } = await getOwn(request, request.params);
    const { id } = await outgoing.getOutgoingWebhook(database, channel, request.params.id);
    return callDaemon(services, `${encodeURIComponent(id)}/test`);
  });

  app.post(`${path}/:id/calls/:call/repeat`, { schema: schema.repeatCallSchema }, async (request) => {
    const place = await getOwn(request, request.params);
    const { id, call } = request.params;
    await outgoing.getCall(database, await outgoing.getOutgoingWebhook(database, place.channel, id), call);
    await recorded(services, request, 'webhook.repeat', place, () => Promise.resolve());
    return callDaemon(services, `${encodeURIComponent(id)}/calls/${encodeURIComponent(call)}/repeat`);
  });

  app.get(`${path}/:id/calls`, { schema: schema.callsSchema }, async (request) => {
    const { channel } = await getOwn(request, request.params);
    const { id } = await outgoing.getOutgoingWebhook(database, channel, request.params.id);
    return { calls: await outgoing.findCalls(database, id) };
  });
}

function findOwn(services: Services) {
  return (request: FastifyRequest, params: { team: string; channel: string }) => getChannelFor(services, request, params, MAY);
}

/** The daemon calls: it alone connects to where strangers say. */
async function callDaemon({ settings, topology }: Services, what: string): Promise<{ status: number | null; outcome: string }> {
  const { status, body } = await requestComponent('daemon', topology.daemon, {
    ...{ method: 'POST', path: `/internal/outgoing-webhooks/${what}`, timeout: CALL_LIMIT },
    headers: { authorization: `Bearer ${loadSecret(settings.dataFolder, 'internal')}` },
  });
  if (status !== 200) throw new KosmosError('KOSMOS_ERR_COMPONENT_REFUSED', { component: 'daemon', reason: `it answered ${status}` });
  return JSON.parse(body) as { status: number | null; outcome: string };
}

function present({ id, name, url, trigger, word, createdAt }: outgoing.OutgoingWebhook) {
  return { id, name, url, trigger, word, createdAt };
}
