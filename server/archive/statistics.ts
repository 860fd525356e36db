import { sql } from 'kysely';
import type { Queries } from '../database/database.ts';
import { numbersOfTeam } from './channel-numbers.ts';
import { PER_MILLISECOND, positionAt, spokenKinds, timeOf } from './message.ts';

const DAY = 24 * 3_600_000;

export interface DayCount {
  /** `2026-01-02`, UTC. */
  readonly day: string;
  readonly count: number;
}

/** What people said on each of the last days, today included, oldest first; of one team, or of all. */
export async function countMessagesPerDay(queries: Queries, days: number, teamId?: string, now = Date.now()): Promise<DayCount[]> {
  const first = (Math.floor(now / DAY) - days + 1) * DAY;
  const dayOf = sql<number>`(position - position % ${sql.lit(DAY * PER_MILLISECOND)})`;
  let query = queries
    .selectFrom('messages')
    .select([dayOf.as('start'), (select) => select.fn.countAll().as('count')])
    .where('position', '>=', positionAt(first))
    .where('kind', 'in', spokenKinds);
  if (teamId !== undefined) query = query.where('channel', 'in', numbersOfTeam(queries, teamId));
  const rows = await query.groupBy(dayOf).execute();
  const counts = new Map(rows.map(({ start, count }) => [dayNameOf(timeOf(Number(start))), Number(count)]));
  return Array.from({ length: days }, (_, index) => {
    const day = dayNameOf(first + index * DAY);
    return { day, count: counts.get(day) ?? 0 };
  });
}

function dayNameOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
