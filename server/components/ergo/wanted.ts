import type { Queries } from '../../database/database.ts';
import type { Role } from '../../database/schema.ts';
import { findAllowed, findChannelsFor } from '../../teams/access.ts';
import type { Channel } from '../../teams/channels.ts';
import { findTeams, findTeamsOf } from '../../teams/teams.ts';
import type { Account } from '../../identity/accounts.ts';
import { BOT, TOPIC_LIMIT } from './config.ts';
import type { Standing } from './services.ts';

/** A channel as Ergo should hold it. */
export interface WantedChannel {
  readonly address: string;
  readonly topic: string;
  /** Letters that are set. */
  readonly modes: readonly string[];
  /** Letters that must not be. */
  readonly withoutModes: readonly string[];
  readonly standings: ReadonlyMap<string, Standing>;
}

/** Whoever runs a team may set topics and throw out; who enters a channel is control's alone, so nobody is a channel operator. */
export function standingOf(role: Role): Standing {
  return role === 'owner' || role === 'admin' ? 'h' : 'v';
}

/**
 * Channels are invite-only for all but those with a standing. A secret one is listed to nobody else either: a private one, and every
 * one where several teams share the server, for a team's channels are seen by its members alone.
 */
export async function wantedChannel(queries: Queries, channel: Channel): Promise<WantedChannel> {
  const allowed = await findAllowed(queries, channel);
  const isSecret = channel.isPrivate || (await findTeams(queries)).length > 1;
  return {
    address: channel.address,
    topic: fitTopic(channel.topic, channel.address),
    modes: isSecret ? ['i', 'n', 't', 's'] : ['i', 'n', 't'],
    withoutModes: isSecret ? [] : ['s'],
    standings: new Map<string, Standing>([[BOT, 'v'], ...allowed.map(({ name, role }) => [name, standingOf(role)] as const)]),
  };
}

/** Standings of one account by channel id, in all its teams. A disabled account has none. */
export async function wantedStandings(queries: Queries, account: Account): Promise<Map<string, Standing>> {
  const standings = new Map<string, Standing>();
  if (account.disabledAt) return standings;
  for (const { role, ...team } of await findTeamsOf(queries, account)) {
    for (const channel of await findChannelsFor(queries, team, account, role)) standings.set(channel.id, standingOf(role));
  }
  return standings;
}

/** What is left of a line of IRC for a channel's name and topic, beside the names of the server and of who reads it. */
const LINE_SHARE = 400;

/** One line of no more bytes than reach everybody, cut between characters. */
export function fitTopic(topic: string, address: string): string {
  const limit = Math.min(TOPIC_LIMIT, LINE_SHARE - Buffer.byteLength(address));
  const line = topic
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  let length = 0;
  let fitting = '';
  for (const character of line) {
    length += Buffer.byteLength(character);
    if (length > limit) return fitting.trimEnd();
    fitting += character;
  }
  return fitting;
}
