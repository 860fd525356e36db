import type { FastifyRequest } from 'fastify';
import type { Change } from '../../database/events.ts';
import type { ActionCode } from '../../teams/act-catalogue.ts';
import { recordAct } from '../../teams/acts.ts';
import type { Channel } from '../../teams/channels.ts';
import { findTeam } from '../../teams/teams.ts';
import { doerOf } from '../doer.ts';
import type { Services } from '../services.ts';

/** Makes a change to a channel, and writes its line of the audit log in the same transaction. */
export async function recorded<T>(
  { outbox }: Pick<Services, 'outbox'>,
  request: FastifyRequest,
  action: ActionCode,
  channel: Channel,
  make: (change: Change) => Promise<T>,
): Promise<T> {
  return outbox.change(async (change) => {
    const made = await make(change);
    const team = await findTeam(change.queries, channel.teamId);
    await recordAct(change, doerOf(request), { action, ...(team && { team }), target: channel.name });
    return made;
  });
}
