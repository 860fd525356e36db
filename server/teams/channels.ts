import { sql } from 'kysely';
import { newId } from '../foundation/crypto.ts';
import { KosmosError } from '../foundation/errors.ts';
import { isUniqueViolation, timestamp, type Queries } from '../database/database.ts';
import type { Change } from '../database/events.ts';
import type { Flag, Home } from '../database/schema.ts';
import { lookalike } from '../identity/names.ts';
import { addressableName } from './addresses.ts';
import type { Team } from './teams.ts';

export interface Channel {
  readonly id: string;
  readonly teamId: string;
  /** Without `#`; unique in the team. */
  readonly name: string;
  readonly topic: string;
  readonly isPrivate: boolean;
  readonly home: Home;
  /** Name on the IRC server, without `#`, or localpart of the MUC; unique there. */
  readonly address: string;
  readonly createdAt: string;
  /** Nobody can be in it or write; what was said stays readable. */
  readonly isArchived: boolean;
  /** Opened to whoever joins the team. */
  readonly isDefault: boolean;
}

export interface NewChannel {
  readonly name: string;
  readonly topic?: string;
  readonly isPrivate?: boolean;
  readonly isDefault?: boolean;
}

export interface ChannelChange {
  readonly name?: string;
  readonly topic?: string;
  readonly isPrivate?: boolean;
  readonly isArchived?: boolean;
  readonly isDefault?: boolean;
}

/** More than a team can oversee; bounds what one of them costs the servers. */
const MOST_CHANNELS = 500;
const shape = /^[\p{Ll}\p{Lo}\p{N}][\p{Ll}\p{Lo}\p{N}\p{M}_-]{0,39}$/u;

/** The name as it is stored: no `#`, lower case, NFKC. Throws KOSMOS_ERR_CHANNEL_NAME_INVALID. */
export function checkChannelName(text: string): string {
  const name = normaliseChannelName(text);
  if (!shape.test(name)) throw new KosmosError('KOSMOS_ERR_CHANNEL_NAME_INVALID', { channel: text.slice(0, 60) });
  return name;
}

/** Throws KOSMOS_ERR_CHANNEL_NAME_INVALID, KOSMOS_ERR_CHANNEL_EXISTS or KOSMOS_ERR_CHANNEL_LIMIT. */
export async function createChannel(change: Change, team: Team, channel: NewChannel): Promise<Channel> {
  const { queries } = change;
  const name = checkChannelName(channel.name);
  const existing = await findChannels(queries, team);
  if (existing.some((other) => other.name === name)) throw new KosmosError('KOSMOS_ERR_CHANNEL_EXISTS', { channel: name });
  if (existing.length >= MOST_CHANNELS) throw new KosmosError('KOSMOS_ERR_CHANNEL_LIMIT', { limit: MOST_CHANNELS });
  const address = await freeAddress(queries, team, name);
  const row = {
    ...{ id: newId(), team_id: team.id, name, topic: channel.topic ?? '', is_private: flag(channel.isPrivate ?? false) },
    ...{ home: team.home, address, created_at: timestamp(), archived_at: null, is_default: flag(channel.isDefault ?? false) },
  };
  await queries.insertInto('channels').values(row).execute();
  await change.emit({ type: 'channel-created', team: team.id, channel: row.id });
  return presentChannelRow(row);
}

/**
 * A new name is shown everywhere; the address on the server stays, so that bookmarks and archives keep their place. An archived channel
 * is taken from the server and made again under the same address. Throws KOSMOS_ERR_CHANNEL_ARCHIVED, …_EXISTS or …_NAME_INVALID.
 */
export async function changeChannel(change: Change, channel: Channel, wanted: ChannelChange): Promise<Channel> {
  const name = wanted.name === undefined ? channel.name : checkChannelName(wanted.name);
  const isArchived = wanted.isArchived ?? channel.isArchived;
  const changesLife = [wanted.topic, wanted.isPrivate, wanted.isDefault].some((value) => value !== undefined);
  if (isArchived && changesLife) throw new KosmosError('KOSMOS_ERR_CHANNEL_ARCHIVED', { channel: channel.name });
  const changed = {
    ...{ ...channel, name, isArchived, topic: wanted.topic ?? channel.topic, isPrivate: wanted.isPrivate ?? channel.isPrivate },
    isDefault: !isArchived && (wanted.isDefault ?? channel.isDefault),
  };
  try {
    await change.queries
      .updateTable('channels')
      .set({ name, topic: changed.topic, is_private: flag(changed.isPrivate), is_default: flag(changed.isDefault) })
      .$if(isArchived !== channel.isArchived, (query) => query.set({ archived_at: isArchived ? timestamp() : null }))
      .where('id', '=', channel.id)
      .execute();
  } catch (error) {
    if (isUniqueViolation(error)) throw new KosmosError('KOSMOS_ERR_CHANNEL_EXISTS', { channel: name }, { cause: error });
    throw error;
  }
  await change.emit({ type: 'channel-changed', team: channel.teamId, channel: channel.id });
  return changed;
}

export async function removeChannel(change: Change, channel: Channel): Promise<void> {
  await change.queries.deleteFrom('channels').where('id', '=', channel.id).execute();
  const { teamId: team, id, home, address } = channel;
  await change.emit({ type: 'channel-removed', team, channel: id, home, address });
}

/** By name, archived ones too. */
export async function findChannels(queries: Queries, team: Team): Promise<Channel[]> {
  const rows = await queries.selectFrom('channels').selectAll().where('team_id', '=', team.id).orderBy('name').execute();
  return rows.map(presentChannelRow);
}

/** Of all teams with that home: what the server is to hold, so none that is archived. */
export async function findChannelsOnServer(queries: Queries, home: Home): Promise<Channel[]> {
  const onServer = queries.selectFrom('channels').selectAll().where('home', '=', home).where('archived_at', 'is', null);
  const rows = await onServer.orderBy('address').execute();
  return rows.map(presentChannelRow);
}

export async function findChannelById(queries: Queries, id: string): Promise<Channel | undefined> {
  const row = await queries.selectFrom('channels').selectAll().where('id', '=', id).executeTakeFirst();
  return row && presentChannelRow(row);
}

/** By name (with or without `#`) or id. Throws KOSMOS_ERR_CHANNEL_NOT_FOUND. */
export async function getChannel(queries: Queries, team: Team, key: string): Promise<Channel> {
  const row = await queries
    .selectFrom('channels')
    .selectAll()
    .where('team_id', '=', team.id)
    .where((where) => where.or([where('name', '=', normaliseChannelName(key)), where('id', '=', key)]))
    .executeTakeFirst();
  if (!row) throw new KosmosError('KOSMOS_ERR_CHANNEL_NOT_FOUND', { channel: key.slice(0, 60) });
  return presentChannelRow(row);
}

function normaliseChannelName(text: string): string {
  return text.trim().replace(/^#/, '').normalize('NFKC').toLowerCase();
}

/** The plain name where no other channel on the server has it or one that looks alike, else behind the team's slug; a slug has no dot, so the two never meet. */
async function freeAddress(queries: Queries, team: Team, name: string): Promise<string> {
  const candidates = [name, `${team.slug}.${name}`].flatMap((candidate) => addressableName(team.home, candidate) ?? []);
  for (let attempt = 0; ; attempt++) {
    const address = candidates[attempt] ?? `${team.slug}.${newId().slice(0, 8)}`;
    const taken = await queries
      .selectFrom('channels')
      .select('id')
      .where('home', '=', team.home)
      .where(sql<string>`replace(replace(address, '0', 'o'), '1', 'l')`, '=', lookalike(address))
      .executeTakeFirst();
    if (!taken) return address;
  }
}

function flag(value: boolean): Flag {
  return value ? 1 : 0;
}

export interface ChannelRow {
  id: string;
  team_id: string;
  name: string;
  topic: string;
  is_private: Flag;
  home: Home;
  address: string;
  created_at: string;
  archived_at: string | null;
  is_default?: Flag;
}

export function presentChannelRow(row: ChannelRow): Channel {
  return {
    id: row.id,
    teamId: row.team_id,
    name: row.name,
    topic: row.topic,
    isPrivate: row.is_private === 1,
    home: row.home,
    address: row.address,
    createdAt: row.created_at,
    isArchived: row.archived_at !== null,
    isDefault: row.is_default === 1,
  };
}
