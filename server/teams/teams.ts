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
  return present(row);
}

/** The slug stays: it stands in addresses. */
export async function renameTeam(change: Change, team: Team, name: string): Promise<Team> {
  const trimmed = name.trim();
  if (!slugOf(trimmed)) throw new KosmosError('KOSMOS_ERR_TEAM_NAME_INVALID', { name: trimmed });
  await change.queries.updateTable('teams').set({ name: trimmed }).where('id', '=', team.id).execute();
  await change.emit({ type: 'team-changed', team: team.id });
  return { ...team, name: trimmed };
}

/** By slug or id. */
export async function findTeam(queries: Queries, key: string): Promise<Team | undefined> {
  const row = await queries
    .selectFrom('teams')
    .selectAll()
    .where((where) => where.or([where('slug', '=', key), where('id', '=', key)]))
    .executeTakeFirst();
  return row && present(row);
}

export async function findTeams(queries: Queries): Promise<Team[]> {
  const rows = await queries.selectFrom('teams').selectAll().orderBy('created_at').execute();
  return rows.map(present);
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
  return rows.map((row) => ({ ...present(row), role: row.role }));
}

/** Lower-case letters and digits of ASCII, the rest as single hyphens: “Café Zürich” gives cafe-zurich. */
function slugOf(text: string): string {
  const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return plain
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
}

function present(row: { id: string; slug: string; name: string; home: Home; created_at: string }): Team {
  return { id: row.id, slug: row.slug, name: row.name, home: row.home, createdAt: row.created_at };
}
