import type { FastifyRequest } from 'fastify';
import type { Change } from '../../database/events.ts';
import type { ActionCode } from '../../teams/act-catalogue.ts';
import { recordAct } from '../../teams/acts.ts';
import type { Channel } from '../../teams/channels.ts';
import type { Team } from '../../teams/teams.ts';
import { doerOf } from '../doer.ts';
import type { Services } from '../services.ts';

/** Makes a change to a channel, and writes its line of the audit log in the same transaction. */
export function recorded<T>(
  { outbox }: Pick<Services, 'outbox'>,
  request: FastifyRequest,
  action: ActionCode,
  { team, channel }: { readonly team: Team; readonly channel: Channel },
  make: (change: Change) => Promise<T>,
): Promise<T> {
  return outbox.change(async (change) => {
    const made = await make(change);
    await recordAct(change, doerOf(request), { action, team, target: channel.name });
    return made;
  });
}
