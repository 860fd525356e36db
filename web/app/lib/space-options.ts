import type { ConnectionOptions } from '../models/connection.ts';
import type { SpaceOptions } from '../models/space.ts';
import type { Network } from '../services/preferences.ts';
import type { Appliance, Team } from './api.ts';

type Made = { connection: ConnectionOptions; space: Omit<SpaceOptions, 'connection'> };

/** A team of the appliance: its server knows the account, nobody gives a password. */
export function ofTeam(team: Team, name: string, appliance: Appliance | undefined): Made {
  const domain = appliance?.domain ?? 'localhost';
  const credentials = team.home === 'irc' ? { nick: name, server: domain } : { userAddress: `${name}@${domain}`, resource: 'web' };
  return {
    connection: {
      platform: team.home,
      actorId: `${name}@${domain}`,
      host: domain,
      nick: name,
      account: name,
      credentials: { type: 'credentials', ...credentials },
    },
    space: { id: team.slug, name: team.name, team, roomsDomain: appliance?.roomsDomain ?? domain },
  };
}

/** Another server; without a password the gateway takes the one that it keeps. */
export function ofNetwork(network: Network, password = ''): Made {
  const { platform, server, port, secure, user } = network;
  const isIrc = platform === 'irc';
  const place = { ...(port ? { port } : {}), ...(secure === undefined ? {} : { secure }) };
  const secret = password ? { password } : {};
  const at = user.indexOf('@');
  const host = isIrc ? server : user.slice(at + 1);
  const way = server && server !== host ? { server } : {};
  const credentials = isIrc
    ? { nick: user, server, ...place, ...secret }
    : { userAddress: user, resource: 'web', ...way, ...(port ? { port } : {}), ...secret };
  return {
    connection: {
      platform,
      actorId: isIrc ? `${user}@${server}` : user,
      host,
      nick: isIrc ? user : user.slice(0, at),
      credentials: { type: 'credentials', ...credentials },
    },
    space: { id: network.id, name: network.name, network, roomsDomain: `conference.${host}` },
  };
}
