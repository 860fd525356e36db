import { sql, type SelectQueryBuilder } from 'kysely';
import { timestamp, type Queries } from '../database/database.ts';
import type { Change } from '../database/events.ts';
import type { ActsTable } from '../database/schema-admin.ts';
import type { Schema } from '../database/schema.ts';
import { normaliseName } from '../identity/names.ts';
import type { ActionCode } from './act-catalogue.ts';
import type { Team } from './teams.ts';

/** Who does something, and from where. */
export interface Doer {
  /** Null: the appliance itself. */
  readonly name: string | null;
  readonly via: ActsTable['via'];
  readonly address: string | null;
}

type Details = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** What was done. `target` names what it was done to: a person, a channel, a component. */
export interface Act {
  readonly action: ActionCode;
  readonly team?: Pick<Team, 'id' | 'slug'>;
  readonly target?: string;
  /** Short: a change from what to what. Never a secret. */
  readonly details?: Details;
}

export interface RecordedAct extends Doer {
  readonly id: number;
  readonly at: string;
  readonly action: string;
  readonly team: string | null;
  readonly target: string | null;
  readonly details: Record<string, string | number | boolean | null>;
}

export interface ActFilter {
  readonly actor?: string;
  /** A whole action (`member.role`) or the first part of some (`member.`). */
  readonly action?: string;
  readonly target?: string;
  readonly teamId?: string;
  /** ISO 8601, included. */
  readonly from?: string;
  /** Not included. */
  readonly to?: string;
  /** Part of actor, target or action. */
  readonly search?: string;
}

const LONGEST_VALUE = 200;
const MOST_DETAILS = 12;
const EXPORT_PAGE = 500;

export const theAppliance: Doer = { name: null, via: 'appliance', address: null };

/** Writes one line of the audit log, in the transaction of the change that it tells of. */
export async function recordAct(change: Change, by: Doer, act: Act): Promise<void> {
  const row = {
    ...{ at: timestamp(), actor: by.name, via: by.via, address: by.address?.slice(0, 100) ?? null, action: act.action },
    ...{ team_id: act.team?.id ?? null, team: act.team?.slug ?? null, target: act.target?.slice(0, LONGEST_VALUE) ?? null },
    details: JSON.stringify(bounded(act.details ?? {})),
  };
  const { id } = await change.queries.insertInto('acts').values(row).returning('id').executeTakeFirstOrThrow();
  await change.emit({ type: 'act-recorded', act: Number(id), team: row.team_id });
}

/** Newest first, with the number of all that fit. */
export async function findActs(
  queries: Queries,
  filter: ActFilter,
  { limit, offset, order = 'desc' }: { limit: number; offset: number; order?: 'asc' | 'desc' },
): Promise<{ acts: RecordedAct[]; total: number }> {
  const matching = narrow(queries.selectFrom('acts'), filter);
  const count = await matching.select((select) => select.fn.countAll().as('count')).executeTakeFirstOrThrow();
  const rows = await matching.selectAll().orderBy('id', order).limit(limit).offset(offset).execute();
  return { acts: rows.map(present), total: Number(count.count) };
}

/** All that fit, oldest first, a page at a time. */
export async function* readActs(queries: Queries, filter: ActFilter): AsyncGenerator<RecordedAct> {
  for (let after = 0; ;) {
    const page = narrow(queries.selectFrom('acts'), filter).selectAll().where('id', '>', after).orderBy('id').limit(EXPORT_PAGE);
    const rows = await page.execute();
    for (const row of rows) yield present(row);
    if (rows.length < EXPORT_PAGE) return;
    after = Number(rows.at(-1)?.id);
  }
}

type ActsQuery = SelectQueryBuilder<Schema, 'acts', object>;

function narrow(query: ActsQuery, { actor, action, target, teamId, from, to, search }: ActFilter): ActsQuery {
  let narrowed = query;
  if (actor !== undefined) narrowed = narrowed.where('actor', '=', normaliseName(actor));
  if (action?.endsWith('.')) narrowed = narrowed.where('action', '>=', action).where('action', '<', `${action}\u007f`);
  else if (action !== undefined) narrowed = narrowed.where('action', '=', action);
  if (target !== undefined) narrowed = narrowed.where('target', '=', target);
  if (teamId !== undefined) narrowed = narrowed.where('team_id', '=', teamId);
  if (from !== undefined) narrowed = narrowed.where('at', '>=', from);
  if (to !== undefined) narrowed = narrowed.where('at', '<', to);
  if (search === undefined) return narrowed;
  const pattern = likePattern(search);
  return narrowed.where((where) =>
    where.or(
      (['actor', 'target', 'action'] as const).map((column) => sql<boolean>`lower(${where.ref(column)}) like ${pattern} escape '!'`),
    ),
  );
}

/** For `like … escape '!'`: the text anywhere, whatever its case. */
export function likePattern(text: string): string {
  return `%${text.trim().toLowerCase().replace(/[!%_]/g, '!$&')}%`;
}

function bounded(details: Details): Record<string, string | number | boolean | null> {
  const entries = Object.entries(details).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    entries
      .slice(0, MOST_DETAILS)
      .map(([key, value]) => [key, typeof value === 'string' ? value.slice(0, LONGEST_VALUE) : (value ?? null)]),
  );
}

interface ActRow extends Omit<ActsTable, 'id'> {
  id: number;
}

function present({ id, at, actor, via, address, action, team, target, details }: ActRow): RecordedAct {
  const parsed = JSON.parse(details) as RecordedAct['details'];
  return { id: Number(id), at, name: actor, via, address, action, team, target, details: parsed };
}
