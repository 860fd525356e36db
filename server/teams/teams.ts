import { newId } from '../foundation/crypto.ts';
import { KosmosError } from '../foundation/errors.ts';
import { isUniqueViolation, timestamp, type Queries } from '../database/database.ts';
import type { Change } from '../database/events.ts';
import type { Home, Role } from '../database/schema.ts';
import type { Account } from '../identity/accounts.ts';

export interface Team {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly home: Home;
  readonly createdAt: string;
  /** `#rrggbb`, or null for the appliance's own. */
  readonly accent: string | null;
  /** Hash of its picture. */
  readonly logo: string | null;
  /** Messages older than this are removed; null: none is. */
  readonly retentionDays: number | null;
}

export interface TeamChange {
  readonly name?: string;
  readonly accent?: string | null;
  readonly logo?: string | null;
  readonly retentionDays?: number | null;
}

export interface NewTeam {
  readonly name: string;
  readonly home: Home;
  /** Made from the name where it is not given. */
  readonly slug?: string;
}

/** Throws KOSMOS_ERR_TEAM_NAME_INVALID or KOSMOS_ERR_TEAM_NAME_TAKEN. */
export async function createTeam(change: Change, team: NewTeam): Promise<Team> {
  const name = team.name.trim();
  const slug = slugOf(team.slug ?? name);
  if (!slug) throw new KosmosError('KOSMOS_ERR_TEAM_NAME_INVALID', { name });
  const row = { id: newId(), slug, name, home: team.home, created_at: timestamp() };
  try {
    await change.queries.insertInto('teams').values(row).execute();
  } catch (error) {
    if (isUniqueViolation(error)) throw new KosmosError('KOSMOS_ERR_TEAM_NAME_TAKEN', { name }, { cause: error });
    throw error;
  }
  await change.emit({ type: 'team-created', team: row.id });
  return presentTeamRow(row);
}

/** The slug stays: it stands in addresses. Throws KOSMOS_ERR_TEAM_NAME_INVALID. */
export async function changeTeam(change: Change, team: Team, wanted: TeamChange): Promise<Team> {
  const name = wanted.name?.trim() ?? team.name;
  if (!slugOf(name)) throw new KosmosError('KOSMOS_ERR_TEAM_NAME_INVALID', { name });
  const keep = <T>(value: T | undefined, before: T): T => (value === undefined ? before : value);
  const changed = {
    ...{ ...team, name, accent: keep(wanted.accent, team.accent), logo: keep(wanted.logo, team.logo) },
    retentionDays: keep(wanted.retentionDays, team.retentionDays),
  };
  const row = { name, accent: changed.accent, logo: changed.logo, retention_days: changed.retentionDays };
  await change.queries.updateTable('teams').set(row).where('id', '=', team.id).execute();
  await change.emit({ type: 'team-changed', team: team.id });
  return changed;
}

/** The team with its channels, history, members and invites. The accounts stay, in no team maybe. */
export async function removeTeam(change: Change, team: Team): Promise<void> {
  const { queries } = change;
  const channels = await queries.selectFrom('channels').select(['id', 'home', 'address']).where('team_id', '=', team.id).execute();
  await queries.deleteFrom('teams').where('id', '=', team.id).execute();
  for (const { id, home, address } of channels) await change.emit({ type: 'channel-removed', team: team.id, channel: id, home, address });
  await change.emit({ type: 'team-removed', team: team.id });
}

/** By slug or id. */
export async function findTeam(queries: Queries, key: string): Promise<Team | undefined> {
  const row = await queries
    .selectFrom('teams')
    .selectAll()
    .where((where) => where.or([where('slug', '=', key), where('id', '=', key)]))
    .executeTakeFirst();
  return row && presentTeamRow(row);
}

/** Throws KOSMOS_ERR_TEAM_NOT_FOUND. */
export async function getTeam(queries: Queries, key: string): Promise<Team> {
  const team = await findTeam(queries, key);
  if (!team) throw new KosmosError('KOSMOS_ERR_TEAM_NOT_FOUND', { team: key.slice(0, 60) });
  return team;
}

export async function findTeams(queries: Queries): Promise<Team[]> {
  const rows = await queries.selectFrom('teams').selectAll().orderBy('created_at').execute();
  return rows.map(presentTeamRow);
}

/** The teams of an account with its role in each, oldest first. */
export async function findTeamsOf(queries: Queries, account: Account): Promise<(Team & { role: Role })[]> {
  const rows = await queries
    .selectFrom('teams')
    .innerJoin('members', 'members.team_id', 'teams.id')
    .selectAll('teams')
    .select('members.role')
    .where('members.account_id', '=', account.id)
    .orderBy('teams.created_at')
    .execute();
  return rows.map((row) => ({ ...presentTeamRow(row), role: row.role }));
}

/** Those of them that the account is owner or admin of. */
export async function findTeamsRunBy(queries: Queries, account: Account): Promise<(Team & { role: Role })[]> {
  return (await findTeamsOf(queries, account)).filter(({ role }) => role === 'owner' || role === 'admin');
}

/** First parts of addresses that are something else than a team: “Admin” gives admin-team. */
const addresses = new Set(
  'admin api assets hooks icons incoming internal invite login register reset settings setup sockethub storage upload'.split(' '),
);

/** Lower-case letters and digits of ASCII, the rest as single hyphens: “Café Zürich” gives cafe-zurich. */
export function slugOf(text: string): string {
  const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const slug = plain
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
  return addresses.has(slug) ? `${slug}-team` : slug;
}

export interface TeamRow {
  id: string;
  slug: string;
  name: string;
  home: Home;
  created_at: string;
  accent?: string | null;
  logo?: string | null;
  retention_days?: number | null;
}

export function presentTeamRow({ id, slug, name, home, created_at, accent, logo, retention_days }: TeamRow): Team {
  const look = { accent: accent ?? null, logo: logo ?? null, retentionDays: retention_days ?? null };
  return { id, slug, name, home, createdAt: created_at, ...look };
}
