import { setTimeout as wait } from 'node:timers/promises';
import { KosmosError } from '../../../foundation/errors.ts';
import { findUnread, hasMessage, isTime, moveMarker, setLevel } from '../../../archive/unread.ts';
import { checkMay } from '../../../teams/policies.ts';
import type { App } from '../../app-type.ts';
import { getCaller } from '../../caller.ts';
import type { Services } from '../../services.ts';
import { getChannelActor } from '../channels/channels.ts';
import { levelSchema, markerSchema, unreadSchema } from './schema.ts';

/** A client sees a message at the same moment as the logger, which then has to store it. */
const LOGGER_BEHIND = 2_000;
const LOOK_EVERY = 100;

export function unreadRoutes(app: App, services: Services): void {
  const { database, outbox } = services;

  app.get('/api/unread', { schema: unreadSchema }, async (request) => ({
    channels: await findUnread(database, getCaller(request).account),
  }));

  app.put('/api/teams/:team/channels/:channel/marker', { schema: markerSchema }, async (request) => {
    const { channel, actor } = await getChannelActor(services, request, request.params);
    checkMay(actor, 'read this channel');
    const { upTo } = request.body;
    if (!isTime(upTo)) await untilArchived(services, channel.id, upTo);
    return { moved: await outbox.change((change) => moveMarker(change, actor.account, channel, upTo)) };
  });

  app.put('/api/teams/:team/channels/:channel/level', { schema: levelSchema }, async (request, reply) => {
    const { channel, actor } = await getChannelActor(services, request, request.params);
    checkMay(actor, 'read this channel');
    await setLevel(database, actor.account.id, channel.id, request.body.level);
    return reply.code(204).send(null);
  });
}

/** Throws KOSMOS_ERR_MESSAGE_NOT_FOUND. */
async function untilArchived({ database }: Services, channelId: string, id: string): Promise<void> {
  const end = Date.now() + LOGGER_BEHIND;
  while (!(await hasMessage(database, channelId, id))) {
    if (Date.now() > end) throw new KosmosError('KOSMOS_ERR_MESSAGE_NOT_FOUND');
    await wait(LOOK_EVERY);
  }
}
