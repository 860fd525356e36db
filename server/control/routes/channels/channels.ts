import type { FastifyRequest } from 'fastify';
import { KosmosError } from '../../../foundation/errors.ts';
import { addToChannel, findAllowed, findChannelsFor, removeFromChannel } from '../../../teams/access.ts';
import { changeChannel, createChannel, findChannels, getChannel, removeChannel, type Channel } from '../../../teams/channels.ts';
import { getMember } from '../../../teams/members.ts';
import { checkMay, may, type Actor } from '../../../teams/policies.ts';
import type { Team } from '../../../teams/teams.ts';
import type { App } from '../../app-type.ts';
import { findOwnMembership, getTeamActor } from '../../caller.ts';
import { presentChannel } from '../../presenters.ts';
import type { Services } from '../../services.ts';
import {
  changeChannelSchema,
  channelMemberSchema,
  channelsSchema,
  createChannelSchema,
  occupantsSchema,
  removeChannelSchema,
} from './schema.ts';

export function channelRoutes(app: App, services: Services): void {
  const { database, outbox, house } = services;

  app.get('/api/teams/:team/channels', { schema: channelsSchema }, async (request) => {
    const { team, actor } = await getTeamActor(services, request, request.params.team);
    checkMay(actor, 'see the channels of this team');
    const open = new Set((await findChannelsFor(database, team, actor.account, actor.role)).map(({ id }) => id));
    const all = await findChannels(database, team);
    const seen = all.filter(({ id }) => may({ ...actor, inChannel: open.has(id) }, 'see this channel'));
    return { channels: seen.map((channel) => presentChannel(channel, open.has(channel.id))) };
  });

  app.post('/api/teams/:team/channels', { schema: createChannelSchema }, async (request, reply) => {
    const { team, actor } = await getTeamActor(services, request, request.params.team);
    checkMay(actor, 'create channels in this team');
    const { name, topic, private: isPrivate } = request.body;
    const creator = await findOwnMembership(services, team, actor);
    const channel = await outbox.change(async (change) => {
      const created = await createChannel(change, team, { name, topic, isPrivate });
      if (created.isPrivate && creator) await addToChannel(change, created, creator);
      return created;
    });
    await house.untilProvisioned();
    return reply.code(201).send(presentChannel(channel, creator !== undefined));
  });

  app.patch('/api/teams/:team/channels/:channel', { schema: changeChannelSchema }, async (request) => {
    const { channel, actor } = await getChannelActor(services, request, request.params);
    checkMay(actor, 'change this channel');
    const { name, topic, private: isPrivate } = request.body;
    const changed = await outbox.change((change) => changeChannel(change, channel, { name, topic, isPrivate }));
    await house.untilProvisioned();
    return presentChannel(changed, actor.inChannel === true);
  });

  app.delete('/api/teams/:team/channels/:channel', { schema: removeChannelSchema }, async (request, reply) => {
    const { channel, actor } = await getChannelActor(services, request, request.params);
    checkMay(actor, 'remove this channel');
    await outbox.change((change) => removeChannel(change, channel));
    await house.untilProvisioned();
    return reply.code(204).send(null);
  });
}

export function channelMemberRoutes(app: App, services: Services): void {
  const { database, outbox, house } = services;

  app.get('/api/teams/:team/channels/:channel/members', { schema: occupantsSchema }, async (request) => {
    const { channel } = await getChannelActor(services, request, request.params);
    const allowed = await findAllowed(database, channel);
    return { members: allowed.map(({ name, role }) => ({ name, role })) };
  });

  app.put('/api/teams/:team/channels/:channel/members/:name', { schema: channelMemberSchema }, async (request, reply) => {
    const { team, channel, actor } = await getChannelActor(services, request, request.params);
    checkMay(actor, 'change who is in this channel');
    const member = await getMember(database, team, request.params.name);
    await outbox.change((change) => addToChannel(change, channel, member));
    await house.untilProvisioned();
    return reply.code(204).send(null);
  });

  app.delete('/api/teams/:team/channels/:channel/members/:name', { schema: channelMemberSchema }, async (request, reply) => {
    const { team, channel, actor } = await getChannelActor(services, request, request.params);
    const member = await getMember(database, team, request.params.name);
    const isSelf = member.accountId === actor.account.id;
    checkMay({ ...actor, isSelf }, isSelf ? 'leave this channel' : 'change who is in this channel');
    await outbox.change((change) => removeFromChannel(change, channel, member));
    await house.untilProvisioned();
    return reply.code(204).send(null);
  });
}

/** The channel of the route, if the caller may see it; who may not hears that there is none. */
export async function getChannelActor(
  services: Services,
  request: FastifyRequest,
  params: { team: string; channel: string },
): Promise<{ team: Team; channel: Channel; actor: Actor }> {
  const { team, actor } = await getTeamActor(services, request, params.team);
  const channel = await getChannel(services.database, team, params.channel);
  const open = await findChannelsFor(services.database, team, actor.account, actor.role);
  const seen = { ...actor, inChannel: open.some(({ id }) => id === channel.id) };
  if (!may(seen, 'see this channel')) throw new KosmosError('KOSMOS_ERR_CHANNEL_NOT_FOUND', { channel: params.channel.slice(0, 60) });
  return { team, channel, actor: seen };
}
