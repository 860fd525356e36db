import type { Logger } from '../../foundation/logging.ts';
import type { TcpAddress, Topology } from '../../foundation/topology.ts';
import type { ControlClient } from '../../foundation/control-client.ts';
import type { GatewaySettings } from '../../database/gateway-settings.ts';
import { resolveHost } from '../access/hosts.ts';
import type { Limits } from '../access/limits.ts';
import type { TeamSide } from '../team/team-side.ts';
import type { SessionStore } from './store.ts';

/** What every session of this gateway shares. */
export interface Surroundings {
  readonly control: ControlClient;
  readonly topology: Topology;
  readonly limits: Limits;
  readonly store: SessionStore;
  readonly team: TeamSide;
  readonly logger: Logger;
  /** The home domain: servers of that name are the team's own. */
  domain: string;
  /** As the admin changes it. */
  policy: GatewaySettings;
}

const audiences: Readonly<Record<string, string>> = { irc: 'ergo', xmpp: 'prosody' };

export function isTeamServer({ domain }: Surroundings, platform: string, host: string): boolean {
  return platform in audiences && host.toLowerCase() === domain;
}

/** A secret for the team server that control mints. Throws what control answers. */
export async function mintToken({ control }: Surroundings, platform: string, name: string): Promise<string> {
  const body = { name, audience: audiences[platform] };
  const { token } = await control.request<{ token: string }>({ method: 'POST', path: '/internal/tokens', body });
  return token;
}

export function addressOf(surroundings: Surroundings, platform: string, host: string, port: number, isGuest: boolean): Promise<TcpAddress> {
  const { topology, policy } = surroundings;
  // The team's own servers and what is inside are for those who have an account.
  if (isGuest) return resolveHost({ ...policy, inside: [] }, platform, host, port);
  if (!isTeamServer(surroundings, platform, host)) return resolveHost(policy, platform, host, port);
  return Promise.resolve(platform === 'irc' ? topology.ergo : topology.prosodyHttp);
}
