import { announceDays } from '../archive/document-days.ts';
import { removeOlder } from '../archive/retention.ts';
import { removeExpiredResetLinks } from '../identity/reset-links.ts';
import { removeExpiredSessions } from '../identity/sessions.ts';
import { recordAct, theAppliance } from '../teams/acts.ts';
import { findChannels } from '../teams/channels.ts';
import { findTeams } from '../teams/teams.ts';
import type { Services } from './services.ts';

const EVERY = 3_600_000;
/** Not in the middle of the start. */
const FIRST = 60_000;

type Parts = Pick<Services, 'database' | 'outbox' | 'logger'>;

/** What has to be done now and then; returns how to end it. */
export function startHousekeeping(parts: Parts): () => void {
  const work = (): void => runHousekeeping(parts);
  const first = setTimeout(work, FIRST).unref();
  const timer = setInterval(work, EVERY).unref();
  return () => {
    clearTimeout(first);
    clearInterval(timer);
  };
}

/** Now, beside whatever else goes on. */
export function runHousekeeping(parts: Parts): void {
  keepHouse(parts).catch((error: unknown) => parts.logger.error({ err: error }, 'housekeeping failed, and is tried again in an hour'));
}

export async function keepHouse({ database, outbox, logger }: Parts): Promise<void> {
  await removeExpiredSessions(database);
  await removeExpiredResetLinks(database);
  for (const team of await findTeams(database)) {
    if (team.retentionDays === null) continue;
    const messages = await removeOlder(database, team, team.retentionDays);
    if (messages === 0) continue;
    const details = { messages, days: team.retentionDays };
    await outbox.change(async (change) => {
      await recordAct(change, theAppliance, { action: 'retention.run', team, target: team.name, details });
      for (const channel of await findChannels(change.queries, team)) await announceDays(change, channel);
    });
    logger.info({ team: team.slug, ...details }, 'removed old messages');
  }
}
