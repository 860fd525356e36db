import type { Queries } from './database.ts';
import type { Change } from './events.ts';
import { findSetting, storeSetting } from './settings.ts';

/** Where the gateway may connect to beside the team's own servers, and for whom. */
export interface GatewaySettings {
  /** `*` for every public host, or the names of the only ones. */
  readonly hosts: '*' | string[];
  /** Ports that may be connected to, per platform. */
  readonly ports: { irc: number[]; xmpp: number[]; feeds: number[] };
  /** `host:port` inside the network that are allowed all the same; an admin names each. */
  readonly inside: string[];
  /** Whether people without an account may use it, for public hosts. */
  readonly guests: boolean;
}

export const defaultGatewaySettings: GatewaySettings = {
  hosts: '*',
  ports: {
    irc: [6660, 6661, 6662, 6663, 6664, 6665, 6666, 6667, 6668, 6669, 6670, 6697, 7000, 7001, 7070, 9999],
    xmpp: [80, 443, 5222, 5223, 5269, 5280, 5281],
    feeds: [80, 443],
  },
  inside: [],
  guests: false,
};

/** As an admin chose; what nobody chose is as it comes. */
export async function findGatewaySettings(queries: Queries): Promise<GatewaySettings> {
  const { ports, ...stored } = (await findSetting(queries, 'gatewayHosts')) ?? {};
  return { ...defaultGatewaySettings, ...stored, ports: { ...defaultGatewaySettings.ports, ...ports } };
}

/** What is absent stays. Returns all of them. */
export async function changeGatewaySettings(change: Change, wanted: Partial<GatewaySettings>): Promise<GatewaySettings> {
  const settings = { ...(await findGatewaySettings(change.queries)), ...wanted };
  await storeSetting(change.queries, 'gatewayHosts', settings);
  await change.emit({ type: 'gateway-changed' });
  return settings;
}
