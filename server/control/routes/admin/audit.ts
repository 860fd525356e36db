import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { KosmosError } from '../../../foundation/errors.ts';
import { actLabels } from '../../../teams/act-catalogue.ts';
import { findActs, readActs, type ActFilter, type RecordedAct } from '../../../teams/acts.ts';
import { checkMay } from '../../../teams/policies.ts';
import type { App } from '../../app-type.ts';
import { getCaller, getTeamActor } from '../../caller.ts';
import type { Services } from '../../services.ts';
import { auditActionsSchema, auditExportSchema, auditSchema } from './audit-schema.ts';

const CSV_COLUMNS = ['id', 'at', 'actor', 'via', 'address', 'action', 'team', 'target', 'details'] as const;

interface AuditQuery extends Omit<ActFilter, 'teamId'> {
  readonly team?: string;
}

export function auditRoutes(app: App, services: Services): void {
  const { database } = services;

  app.get('/api/admin/audit', { schema: auditSchema }, async (request) => {
    const { limit = 50, offset = 0, order } = request.query;
    const { acts, total } = await findActs(database, await getFilter(services, request, request.query), { limit, offset, order });
    return { acts: acts.map(present), total };
  });

  app.get('/api/admin/audit/actions', { schema: auditActionsSchema }, (request) => {
    getCaller(request);
    return { actions: Object.entries(actLabels).map(([action, label]) => ({ action, label })) };
  });

  app.get('/api/admin/audit/export', { schema: auditExportSchema }, async (request, reply) => {
    const acts = readActs(database, await getFilter(services, request, request.query));
    const isCsv = request.query.format === 'csv';
    const name = `audit-${new Date().toISOString().slice(0, 10)}.${isCsv ? 'csv' : 'jsonl'}`;
    void reply.type(isCsv ? 'text/csv; charset=utf-8' : 'application/x-ndjson');
    void reply.header('content-disposition', `attachment; filename="${name}"`);
    return reply.send(Readable.from(isCsv ? csvOf(acts) : jsonLinesOf(acts)));
  });
}

/** What the caller asks for, if it is theirs to see. */
async function getFilter(services: Services, request: FastifyRequest, query: AuditQuery): Promise<ActFilter> {
  const { actor, action, target, search } = query;
  const filter = { actor, action, target, search: search === '' ? undefined : search, from: timeOf(query.from), to: timeOf(query.to) };
  if (query.team === undefined) {
    checkMay(getCaller(request), 'administer the appliance');
    return filter;
  }
  const found = await getTeamActor(services, request, query.team);
  checkMay(found.actor, 'see the audit log of this team');
  return { ...filter, teamId: found.team.id };
}

function timeOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new KosmosError('KOSMOS_ERR_VALIDATION', { reason: `“${text}” is no time` });
  return new Date(time).toISOString();
}

function present({ name, ...act }: RecordedAct) {
  return { ...act, actor: name };
}

async function* jsonLinesOf(acts: AsyncIterable<RecordedAct>): AsyncGenerator<string> {
  for await (const act of acts) yield `${JSON.stringify(present(act))}\n`;
}

async function* csvOf(acts: AsyncIterable<RecordedAct>): AsyncGenerator<string> {
  yield `${CSV_COLUMNS.join(',')}\r\n`;
  for await (const act of acts) {
    const shown = { ...present(act), details: JSON.stringify(act.details) };
    yield `${CSV_COLUMNS.map((column) => csvField(shown[column])).join(',')}\r\n`;
  }
}

/** RFC 4180. A field that a spreadsheet would take for a formula is marked as text. */
function csvField(value: string | number | null): string {
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
