import { KosmosError } from '../../foundation/errors.ts';
import { requestComponent } from '../../foundation/http-client.ts';
import { loadSecret } from '../../foundation/secrets.ts';
import type { Appliance } from '../component.ts';

export type Affiliation = 'admin' | 'member';

/** A room as it shall be. */
export interface Room {
  readonly address: string;
  readonly name: string;
  readonly topic: string;
  readonly private: boolean;
  readonly affiliations: Readonly<Record<string, Affiliation>>;
}

export interface RoomDescription extends Room {
  readonly subject?: string;
  readonly membersOnly: boolean;
  readonly persistent: boolean;
  /** Account by nick. */
  readonly occupants: Readonly<Record<string, string>>;
}

export interface AccountState {
  readonly enabled: boolean;
  /** Another one after each change of the password. */
  readonly version: string;
  /** Ends the sessions whatever the version was. */
  readonly renewed?: boolean;
}

export interface OnlineSession {
  readonly name: string;
  readonly resource: string;
  readonly address?: string;
  /** Its connection broke, and it may be taken up again (XEP-0198). */
  readonly asleep: boolean;
  /** Only the gateway and what else is inside comes by websocket. */
  readonly websocket?: boolean;
  /** Seconds since 1970. */
  readonly since?: number;
}

const TIMEOUT = 20_000;

/** The HTTP API of mod_kosmos_provision (docs/develop/prosody.md). Throws KOSMOS_ERR_COMPONENT_UNREACHABLE or …_REFUSED. */
export class ProsodyApi {
  readonly #appliance: Appliance;

  constructor(appliance: Appliance) {
    this.#appliance = appliance;
  }

  async checkHealth(timeout = TIMEOUT): Promise<void> {
    await this.#request('GET', '/health', undefined, timeout);
  }

  /** The fingerprint of each room by its address. */
  async listRooms(): Promise<Map<string, string>> {
    const { rooms } = await this.#request<{ rooms: Record<string, string> }>('GET', '/rooms');
    return new Map(Object.entries(rooms));
  }

  async describeRoom(address: string): Promise<RoomDescription> {
    return this.#request('POST', '/rooms/describe', { address });
  }

  /** Makes rooms and their configuration and affiliations exactly so. Returns what hindered it, by address; the others are done. */
  async putRooms(rooms: readonly Room[]): Promise<Map<string, string>> {
    const { failed } = await this.#request<{ failed: Record<string, string> }>('POST', '/rooms', { rooms });
    return new Map(Object.entries(failed));
  }

  /** Idempotent. */
  async removeRooms(addresses: readonly string[], reason: string): Promise<void> {
    await this.#request('POST', '/rooms/remove', { addresses, reason });
  }

  /** One account in several rooms, by their addresses. Rooms that are not there are left out. */
  async setAffiliations(name: string, affiliations: Readonly<Record<string, Affiliation | 'none'>>): Promise<void> {
    await this.#request('POST', '/affiliations', { name, affiliations });
  }

  /** Ends the sessions of accounts that are disabled or have a new password; `complete`: there are no other accounts. */
  async putAccounts(accounts: Readonly<Record<string, AccountState>>, complete: boolean): Promise<void> {
    await this.#request('POST', '/accounts', { accounts, complete });
  }

  async endSessions(names: readonly string[], reason: string): Promise<void> {
    await this.#request('POST', '/sessions/end', { names, reason });
  }

  async listSessions(): Promise<OnlineSession[]> {
    const { sessions } = await this.#request<{ sessions: OnlineSession[] }>('GET', '/sessions');
    return sessions;
  }

  async #request<T>(method: 'GET' | 'POST', path: string, body?: unknown, timeout = TIMEOUT): Promise<T> {
    const { settings, topology, domain } = this.#appliance;
    const headers = { host: domain, authorization: `Bearer ${loadSecret(settings.dataFolder, 'prosody-api')}` };
    const answer = await requestComponent('prosody', topology.prosodyHttp, { method, path: `/kosmos${path}`, headers, body, timeout });
    if (answer.status === 200) return JSON.parse(answer.body) as T;
    const reason = `${method} ${path}: ${answer.status} ${answer.body.slice(0, 200)}`;
    throw new KosmosError('KOSMOS_ERR_COMPONENT_REFUSED', { component: 'prosody', reason });
  }
}
