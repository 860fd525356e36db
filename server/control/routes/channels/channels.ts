import type { FastifyRequest } from 'fastify';
import { KosmosError } from '../../../foundation/errors.ts';
import { recordAct } from '../../../teams/acts.ts';
import { addToChannel, findAllowed, findChannelsFor, removeFromChannel } from '../../../teams/access.ts';
import { changeChannel, createChannel, findChannels, getChannel, removeChannel, type Channel } from '../../../teams/channels.ts';
import { getMember } from '../../../teams/members.ts';
import { checkMay, may, type Action, type Actor } from '../../../teams/policies.ts';
import type { Team } from '../../../teams/teams.ts';
import type { App } from '../../app-type.ts';
import { findOwnMembership, getTeamActor } from '../../caller.ts';
import { doerOf } from '../../doer.ts';
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
    const wanted = all.filter(({ isArchived }) => !isArchived || request.query.archived === true);
    const seen = wanted.filter(({ id }) => may({ ...actor, inChannel: open.has(id) }, 'see this channel'));
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
      await recordAct(change, doerOf(request), { action: 'channel.create', team, target: created.name, details: { private: isPrivate } });
      return created;
    });
    await house.untilProvisioned();
    return reply.code(201).send(presentChannel(channel, creator !== undefined));
  });
}

export function channelChangeRoutes(app: App, services: Services): void {
  const { outbox, house } = services;

  app.patch('/api/teams/:team/channels/:channel', { schema: changeChannelSchema }, async (request) => {
    const { team, channel, actor } = await getChannelActor(services, request, request.params);
    const { archived, default: isDefault, name, topic, private: isPrivate } = request.body;
    checkMay(actor, 'change this channel');
    if (archived !== undefined || isDefault !== undefined) checkMay(actor, 'archive this channel');
    const changed = await outbox.change(async (change) => {
      const after = await changeChannel(change, channel, { name, topic, isPrivate, isArchived: archived, isDefault });
      const action = after.isArchived === channel.isArchived ? 'channel.change' : archived ? 'channel.archive' : 'channel.unarchive';
      await recordAct(change, doerOf(request), { action, team, target: channel.name, details: request.body });
      return after;
    });
    await house.untilProvisioned();
    return presentChannel(changed, actor.inChannel === true);
  });

  app.delete('/api/teams/:team/channels/:channel', { schema: removeChannelSchema }, async (request, reply) => {
    const { team, channel, actor } = await getChannelActor(services, request, request.params);
    checkMay(actor, 'remove this channel');
    await outbox.change(async (change) => {
      await removeChannel(change, channel);
      await recordAct(change, doerOf(request), { action: 'channel.remove', team, target: channel.name });
    });
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
    checkLive(channel);
    await outbox.change(async (change) => {
      await addToChannel(change, channel, member);
      const details = { channel: channel.name };
      await recordAct(change, doerOf(request), { action: 'channel.member-add', team, target: member.name, details });
    });
    await house.untilProvisioned();
    return reply.code(204).send(null);
  });

  app.delete('/api/teams/:team/channels/:channel/members/:name', { schema: channelMemberSchema }, async (request, reply) => {
    const { team, channel, actor } = await getChannelActor(services, request, request.params);
    const member = await getMember(database, team, request.params.name);
    const isSelf = member.accountId === actor.account.id;
    checkMay({ ...actor, isSelf }, isSelf ? 'leave this channel' : 'change who is in this channel');
    await outbox.change(async (change) => {
      await removeFromChannel(change, channel, member);
      const details = { channel: channel.name };
      await recordAct(change, doerOf(request), { action: 'channel.member-remove', team, target: member.name, details });
    });
    await house.untilProvisioned();
    return reply.code(204).send(null);
  });
}

function checkLive(channel: Channel): void {
  if (channel.isArchived) throw new KosmosError('KOSMOS_ERR_CHANNEL_ARCHIVED', { channel: channel.name });
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

/** The same, for who wants to do that in it. Throws KOSMOS_ERR_FORBIDDEN. */
export async function getChannelFor(
  services: Services,
  request: FastifyRequest,
  params: { team: string; channel: string },
  action: Action,
): Promise<{ team: Team; channel: Channel; actor: Actor }> {
  const found = await getChannelActor(services, request, params);
  checkMay(found.actor, action);
  return found;
}
