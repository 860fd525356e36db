import { KosmosError } from '../../foundation/errors.ts';
import type { ApplianceEvent } from '../../foundation/events.ts';
import { findAllowedOnServer } from '../../teams/access.ts';
import { findChannelById, findChannelsOnServer, type Channel } from '../../teams/channels.ts';
import { BOT_NAME } from '../../identity/names.ts';
import type { Appliance, LiveSession, Provisioner } from '../component.ts';
import { ProsodyApi, type Affiliation, type Room } from './api.ts';
import { affiliationOf, findWantedAccounts, findWantedRoom, findWantedRooms, fingerprintOf } from './wanted.ts';

/** Prosody serves nobody else while it carries out one request: keep each short. */
const MOST_AFFILIATIONS = 2_000;
const MOST_ROOMS = 25;

/** Keeps Prosody's rooms, who may enter them, and the accounts it knows as the database says. */
export class ProsodyProvisioner implements Provisioner {
  readonly #appliance: Appliance;
  readonly #api: ProsodyApi;

  constructor(appliance: Appliance) {
    this.#appliance = appliance;
    this.#api = new ProsodyApi(appliance);
  }

  async reconcile(signal: AbortSignal): Promise<void> {
    const { database } = this.#appliance;
    await this.#api.putAccounts(await findWantedAccounts(database), true);
    const wanted = await findWantedRooms(database);
    const present = await this.#api.listRooms();
    const addresses = new Set(wanted.map(({ address }) => address));
    const unwanted = [...present.keys()].filter((address) => !addresses.has(address));
    if (unwanted.length > 0) await this.#removeRooms(unwanted);
    await this.#putRooms(
      wanted.filter((room) => present.get(room.address) !== fingerprintOf(room)),
      signal,
    );
  }

  async apply(event: ApplianceEvent, signal: AbortSignal): Promise<void> {
    switch (event.type) {
      case 'account-created':
        return this.#putAccount(event.name);
      case 'password-changed':
        return this.#putAccount(event.name, true);
      case 'sessions-ended':
        return this.#api.endSessions([event.name], 'Your sessions were ended: log in again');
      case 'account-disabled':
      case 'account-enabled':
        await this.#putAccount(event.name);
        return this.#setAffiliations(event.name, () => true);
      case 'member-added':
      case 'member-changed':
      case 'member-removed':
        return this.#setAffiliations(event.name, ({ teamId }) => teamId === event.team);
      case 'channel-member-added':
      case 'channel-member-removed':
        return this.#setAffiliations(event.name, ({ id }) => id === event.channel);
      case 'channel-created':
      case 'channel-changed':
      case 'channel-renamed':
        return this.#putChannel(event.channel, signal);
      case 'channel-removed':
        return event.home === 'xmpp' ? this.#removeChannel(event.address) : undefined;
      default:
        return undefined;
    }
  }

  async listSessions(): Promise<LiveSession[]> {
    const sessions = await this.#api.listSessions();
    return sessions
      .filter(({ name }) => name !== BOT_NAME)
      .map(({ name, resource, address, since, websocket }) => ({
        ...{ name, protocol: 'xmpp' as const, client: resource, address: address ?? null },
        ...{ since: since === undefined ? null : new Date(since * 1000).toISOString(), viaGateway: websocket === true },
      }));
  }

  /** Every request has a connection of its own: nothing is held. */
  async close(): Promise<void> {
    return Promise.resolve();
  }

  async #putAccount(name: string, renewed = false): Promise<void> {
    const accounts = await findWantedAccounts(this.#appliance.database, name);
    const [account] = Object.values(accounts);
    if (account) await this.#api.putAccounts({ [name]: { ...account, renewed } }, false);
  }

  async #setAffiliations(name: string, concerns: (channel: Channel) => boolean): Promise<void> {
    const { database } = this.#appliance;
    const channels = (await findChannelsOnServer(database, 'xmpp')).filter(concerns);
    if (channels.length === 0) return;
    const allowed = await findAllowedOnServer(database, 'xmpp', name);
    const affiliations = channels.map(({ id, address }): [string, Affiliation | 'none'] => {
      const role = allowed.get(id)?.[0]?.role;
      return [address, role ? affiliationOf(role) : 'none'];
    });
    await this.#api.setAffiliations(name, Object.fromEntries(affiliations));
  }

  async #putChannel(id: string, signal: AbortSignal): Promise<void> {
    const { database } = this.#appliance;
    const channel = await findChannelById(database, id);
    if (channel?.isArchived) return this.#removeChannel(channel.address);
    if (channel?.home === 'xmpp') await this.#putRooms([await findWantedRoom(database, channel)], signal);
  }

  /** The address may be another channel's by now. */
  async #removeChannel(address: string): Promise<void> {
    const channels = await findChannelsOnServer(this.#appliance.database, 'xmpp');
    if (!channels.some((channel) => channel.address === address)) await this.#removeRooms([address]);
  }

  async #removeRooms(addresses: readonly string[]): Promise<void> {
    await this.#api.removeRooms(addresses, 'This channel was removed');
  }

  /** One room that cannot be made does not hold up the others. */
  async #putRooms(rooms: readonly Room[], signal: AbortSignal): Promise<void> {
    const problems: string[] = [];
    for (const batch of batchesOf(rooms)) {
      signal.throwIfAborted();
      for (const [address, problem] of await this.#api.putRooms(batch)) problems.push(`room ${address}: ${problem}`);
    }
    if (problems.length > 0) throw new KosmosError('KOSMOS_ERR_COMPONENT_REFUSED', { component: 'prosody', reason: problems.join('; ') });
  }
}

function batchesOf(rooms: readonly Room[]): Room[][] {
  const batches: Room[][] = [];
  let weight = Infinity;
  for (const room of rooms) {
    const affiliations = Object.keys(room.affiliations).length;
    const last = batches.at(-1);
    if (last && last.length < MOST_ROOMS && weight + affiliations <= MOST_AFFILIATIONS) last.push(room);
    else batches.push([room]);
    weight = batches.at(-1)?.length === 1 ? affiliations : weight + affiliations;
  }
  return batches;
}
