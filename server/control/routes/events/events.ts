import type { FastifyRequest } from 'fastify';
import type { ApplianceEvent } from '../../../foundation/events.ts';
import { findSession } from '../../../identity/sessions.ts';
import type { ComponentLog } from '../../../supervisor/logs.ts';
import { checkMay } from '../../../teams/policies.ts';
import { findTeamsRunBy } from '../../../teams/teams.ts';
import type { App } from '../../app-type.ts';
import { getCaller, tokenOf, type Caller } from '../../caller.ts';
import { presentComponent } from '../../component-view.ts';
import { findLog } from '../../component-log.ts';
import type { EventStream } from '../../event-streams.ts';
import type { Services } from '../../services.ts';
import { eventStreamSchema } from './schema.ts';

/** What is further back is not told one by one: the client fetches anew. */
const MOST_MISSED = 2_000;

interface Wanted {
  readonly changes: boolean;
  readonly components: boolean;
  readonly samples: boolean;
  readonly log?: ComponentLog;
  readonly logName?: string;
}

export function eventStreamRoutes(app: App, services: Services): void {
  app.get('/api/events', { schema: eventStreamSchema }, async (request, reply) => {
    const caller = getCaller(request);
    const teams = await findTeamsRun(services, caller);
    const { topics = 'changes', log } = request.query;
    const names = topics.split(',');
    const wanted: Wanted = {
      ...{ changes: names.includes('changes'), components: names.includes('components'), samples: names.includes('samples') },
      ...(log === undefined ? {} : { logName: log }),
    };
    const isInside = wanted.components || wanted.samples || log !== undefined;
    if (isInside || teams?.size === 0) checkMay(caller, 'administer the appliance');
    const found = log === undefined ? undefined : findLog(services, log);
    const stream = services.eventStreams.open(caller.session.id, reply.raw);
    const cursor = cursorOf(request) ?? (await services.outbox.findLatest());
    reply.hijack();
    stream.begin();
    const stop = follow(services, stream, { ...wanted, ...(found ? { log: found } : {}) }, { cursor, teams });
    await stream.live(() => mayGoOn(services, request, caller, isInside));
    stop();
  });
}

/** Ids of the teams that the caller runs; undefined for all. */
async function findTeamsRun({ database }: Services, { account }: Caller): Promise<Set<string> | undefined> {
  if (account.isAdmin) return undefined;
  return new Set((await findTeamsRunBy(database, account)).map(({ id }) => id));
}

function cursorOf(request: FastifyRequest<{ Querystring: { after?: number } }>): number | undefined {
  const last = Number(request.headers['last-event-id'] ?? NaN);
  return Number.isSafeInteger(last) && last >= 0 ? last : request.query.after;
}

/** Whether the session still stands with the rights it had. */
async function mayGoOn(services: Services, request: FastifyRequest, caller: Caller, isInside: boolean): Promise<boolean> {
  if (caller.isShell) return true;
  const found = await findSession(services.database, tokenOf(request) ?? '');
  if (!found) return false;
  const teams = await findTeamsRun(services, { ...caller, account: found.account });
  return isInside ? teams === undefined : teams === undefined || teams.size > 0;
}

function follow(
  services: Services,
  stream: EventStream,
  wanted: Wanted,
  from: { cursor: number; teams: Set<string> | undefined },
): () => void {
  const stops: (() => void)[] = [];
  if (wanted.changes) stops.push(followChanges(services, stream, from));
  if (wanted.components) {
    for (const supervised of services.supervisor.components) {
      const tell = (): void => stream.send('component', presentComponent(services, supervised));
      supervised.on('state', tell);
      stops.push(() => supervised.off('state', tell));
    }
  }
  if (wanted.samples) {
    const tell = (point: unknown): void => stream.send('sample', point);
    services.sampler.on('sample', tell);
    stops.push(() => services.sampler.off('sample', tell));
  }
  if (wanted.log) stops.push(wanted.log.onLine((line) => stream.send('log', { component: wanted.logName, ...line })));
  return () => stops.forEach((stop) => stop());
}

/** One read of the outbox at a time, from the cursor on. */
function followChanges(
  { outbox, database }: Services,
  stream: EventStream,
  from: { cursor: number; teams: Set<string> | undefined },
): () => void {
  let { cursor } = from;
  let work: Promise<void> | undefined;
  let isAskedAgain = true;
  const readAll = async (): Promise<void> => {
    while (isAskedAgain && stream.isOpen) {
      isAskedAgain = false;
      const latest = await outbox.findLatest();
      if (cursor > latest || latest - cursor > MOST_MISSED) {
        stream.send('reset', {}, latest);
        cursor = latest;
      }
      for (let events = await outbox.findAfter(cursor); events.length > 0 && stream.isOpen; events = await outbox.findAfter(cursor)) {
        for (const event of events) {
          if (await concerns(database, event, from.teams)) stream.send('change', event, event.id);
          cursor = event.id;
        }
      }
    }
  };
  const wake = (): void => {
    isAskedAgain = true;
    work ??= readAll()
      .catch(() => stream.end())
      .finally(() => (work = undefined));
  };
  const stop = outbox.onCommit(wake);
  wake();
  return stop;
}

/** Whether those who run these teams are to hear of it: what is in a team of theirs, or about an account there. */
async function concerns(database: Services['database'], event: ApplianceEvent, teams: Set<string> | undefined): Promise<boolean> {
  if (teams === undefined) return true;
  if ('team' in event && event.team !== undefined && event.team !== null) return teams.has(event.team);
  if (!('account' in event) || teams.size === 0) return false;
  const query = database
    .selectFrom('members')
    .select('role')
    .where('account_id', '=', event.account)
    .where('team_id', 'in', [...teams]);
  return (await query.executeTakeFirst()) !== undefined;
}
