import { createHash } from 'node:crypto';
import type { Queries } from '../../database/database.ts';
import type { Role } from '../../database/schema.ts';
import { BOT_NAME } from '../../identity/names.ts';
import { findAllowed, findAllowedOnServer, type Occupant } from '../../teams/access.ts';
import { findChannelsOnServer, type Channel } from '../../teams/channels.ts';
import type { AccountState, Affiliation, Room } from './api.ts';

/** Those who run a team may kick and silence; an owner of a room could configure it, which is control's alone. */
export function affiliationOf(role: Role): Affiliation {
  return role === 'owner' || role === 'admin' ? 'admin' : 'member';
}

export async function findWantedRooms(queries: Queries): Promise<Room[]> {
  const channels = await findChannelsOnServer(queries, 'xmpp');
  const allowed = await findAllowedOnServer(queries, 'xmpp');
  return channels.map((channel) => roomOf(channel, allowed.get(channel.id) ?? []));
}

export async function findWantedRoom(queries: Queries, channel: Channel): Promise<Room> {
  return roomOf(channel, await findAllowed(queries, channel));
}

function roomOf({ address, name, topic, isPrivate }: Channel, allowed: readonly Occupant[]): Room {
  const people = allowed.map(({ name: person, role }): [string, Affiliation] => [person, affiliationOf(role)]);
  // The bot reads everything for the archive, and speaks for webhooks.
  const affiliations = Object.fromEntries([...people, [BOT_NAME, 'admin'] as const]);
  return { address, name, topic, private: isPrivate, affiliations };
}

/** What mod_kosmos_rooms computes of a room that is as wanted. */
export function fingerprintOf(room: Room): string {
  const affiliations = Object.entries(room.affiliations).map(([name, affiliation]) => `${name}=${affiliation}`);
  const lines = ['members-only', room.private ? 'private' : 'public', room.name, room.topic, ...affiliations.sort()];
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}

/** Of all accounts, or of one. The salt is new with each password, and no secret: SCRAM shows it to whoever tries to log in. */
export async function findWantedAccounts(queries: Queries, name?: string): Promise<Record<string, AccountState>> {
  let query = queries
    .selectFrom('accounts')
    .leftJoin('credentials', (join) => join.onRef('credentials.account_id', '=', 'accounts.id').on('credentials.hash', '=', 'SHA-256'))
    .select(['accounts.name', 'accounts.disabled_at', 'credentials.salt']);
  if (name !== undefined) query = query.where('accounts.name', '=', name);
  const rows = await query.execute();
  return Object.fromEntries(rows.map((row) => [row.name, { enabled: row.disabled_at === null, version: row.salt ?? '' }]));
}
