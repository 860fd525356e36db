import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { KosmosError } from '../../../foundation/errors.ts';
import { exportJsonLines, exportText } from '../../../archive/export.ts';
import type { Message } from '../../../archive/message.ts';
import { findMessages } from '../../../archive/page.ts';
import { parseQuery } from '../../../archive/query.ts';
import { search } from '../../../archive/search.ts';
import { findChannelsFor } from '../../../teams/access.ts';
import { recordAct } from '../../../teams/acts.ts';
import type { Channel } from '../../../teams/channels.ts';
import { checkMay } from '../../../teams/policies.ts';
import type { App } from '../../app-type.ts';
import { getCaller, getTeamActor } from '../../caller.ts';
import { doerOf } from '../../doer.ts';
import type { Services } from '../../services.ts';
import { getChannelActor } from '../channels/channels.ts';
import { exportChannelSchema, exportTeamSchema, messagesSchema, searchSchema } from './schema.ts';

type Format = 'json' | 'text';

export function archiveRoutes(app: App, services: Services): void {
  const { database } = services;

  app.get('/api/teams/:team/channels/:channel/messages', { schema: messagesSchema }, async (request) => {
    const { channel, actor } = await getChannelActor(services, request, request.params);
    checkMay(actor, 'read this channel');
    const { before, after, around, limit, events = false } = request.query;
    if ([before, after, around].filter((cursor) => cursor !== undefined).length > 1) {
      throw new KosmosError('KOSMOS_ERR_VALIDATION', { reason: 'give one of before, after and around' });
    }
    const page = await findMessages(database, channel, { before, after, around, limit, withEvents: events });
    return { ...page, messages: page.messages.map(present) };
  });

  app.get('/api/search', { schema: searchSchema }, async (request) => {
    const { account } = getCaller(request);
    const { q, cursor, limit } = request.query;
    const found = await search(database, account, parseQuery(q), { cursor, limit });
    return { ...found, messages: found.messages.map(present) };
  });

  app.get('/api/teams/:team/channels/:channel/export', { schema: exportChannelSchema }, async (request, reply) => {
    const { team, channel, actor } = await getChannelActor(services, request, request.params);
    checkMay(actor, 'read this channel');
    await services.outbox.change((change) => recordAct(change, doerOf(request), { action: 'channel.export', team, target: channel.name }));
    return sendExport(services, reply, [channel], `${team.slug}-${channel.id.slice(0, 8)}`, request.query.format);
  });

  app.get('/api/teams/:team/export', { schema: exportTeamSchema }, async (request, reply) => {
    const { team, actor } = await getTeamActor(services, request, request.params.team);
    checkMay(actor, 'export this team');
    const channels = await findChannelsFor(database, team, actor.account, actor.role);
    await services.outbox.change((change) => recordAct(change, doerOf(request), { action: 'team.export', team, target: team.name }));
    return sendExport(services, reply, channels, team.slug, request.query.format);
  });
}

function present<T extends Message>(message: T) {
  return { ...message, reactions: message.reactions.map(({ emoji, nicks }) => ({ emoji, nicks: [...nicks] })) };
}

function sendExport({ database }: Services, reply: FastifyReply, channels: Channel[], name: string, format: Format = 'json'): FastifyReply {
  const [lines, type, ending] =
    format === 'json'
      ? [exportJsonLines(database, channels), 'application/x-ndjson', 'jsonl']
      : [exportText(database, channels), 'text/plain; charset=utf-8', 'txt'];
  return reply.type(type).header('content-disposition', `attachment; filename="${name}.${ending}"`).send(Readable.from(lines));
}
